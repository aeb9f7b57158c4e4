//! Shapes of tensors.

/// A size that is not known before a run.
pub const FREE: i64 = -1;

/// The shape that two tensors of one shape have, with every size that either knows. Fails when they differ.
pub fn common_shape(left: &[i64], right: &[i64]) -> Result<Vec<i64>, String> {
    let differ = || format!("the shapes {left:?} and {right:?} differ");
    if left.len() != right.len() {
        return Err(differ());
    }
    left.iter()
        .zip(right)
        .map(|(&left, &right)| match (left, right) {
            (FREE, size) | (size, FREE) => Ok(size),
            (left, right) if left == right => Ok(left),
            _ => Err(differ()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_that_one_knows_is_that_of_both() {
        assert_eq!(common_shape(&[FREE, 3, FREE], &[2, FREE, FREE]), Ok(vec![2, 3, FREE]));
        assert_eq!(common_shape(&[], &[]), Ok(vec![]));
    }

    #[test]
    fn other_sizes_and_ranks_are_told() {
        let problem = Err("the shapes [2, 3] and [2, 4] differ".to_owned());
        assert_eq!(common_shape(&[2, 3], &[2, 4]), problem);
        assert!(common_shape(&[2], &[2, 1]).is_err());
    }
}
