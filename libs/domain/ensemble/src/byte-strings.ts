/** The elements of BYTES data: a little-endian uint32 length, then that many bytes, again and again. */
export function unpackStrings(data: Uint8Array): Uint8Array[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const elements: Uint8Array[] = [];
  for (let at = 0; at < data.byteLength; ) {
    const end = at + 4 + view.getUint32(at, true);
    elements.push(data.subarray(at + 4, end));
    at = end;
  }
  return elements;
}

/** BYTES data of elements. */
export function packStrings(elements: readonly Uint8Array[]): Uint8Array {
  const data = new Uint8Array(elements.reduce((size, element) => size + 4 + element.byteLength, 0));
  const view = new DataView(data.buffer);
  let at = 0;
  for (const element of elements) {
    view.setUint32(at, element.byteLength, true);
    data.set(element, at + 4);
    at += 4 + element.byteLength;
  }
  return data;
}
