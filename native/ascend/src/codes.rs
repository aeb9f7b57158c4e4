//! The errors that AscendCL documents, in our words.

use crate::interface::Status;

/// A documented `aclError`.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// Its number.
    pub status: Status,
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub meaning: &'static str,
}

/// A stream was not done in the time that it was given.
pub const STREAM_SYNC_TIMEOUT: Status = 507046;

/// What is documented of an `aclError`, if it is.
pub fn find(status: Status) -> Option<&'static Code> {
    let place = DOCUMENTED.binary_search_by_key(&status, |code| code.status).ok()?;
    Some(&DOCUMENTED[place])
}

const fn code(status: Status, name: &'static str, meaning: &'static str) -> Code {
    Code { status, name, meaning }
}

/// Every documented `aclError`, by number. Which function gives which is not documented.
#[rustfmt::skip]
pub const DOCUMENTED: &[Code] = &[
    code(100000, "ACL_ERROR_INVALID_PARAM", "an argument is not valid"),
    code(100001, "ACL_ERROR_UNINITIALIZE", "AscendCL is not initialised"),
    code(100002, "ACL_ERROR_REPEAT_INITIALIZE", "it was initialised or loaded before"),
    code(100003, "ACL_ERROR_INVALID_FILE", "a file is not there or cannot be read"),
    code(100004, "ACL_ERROR_WRITE_FILE", "a file cannot be written"),
    code(100005, "ACL_ERROR_INVALID_FILE_SIZE", "a file has a size that is not allowed"),
    code(100006, "ACL_ERROR_PARSE_FILE", "a file cannot be understood"),
    code(100007, "ACL_ERROR_FILE_MISSING_ATTR", "a file lacks a parameter"),
    code(100008, "ACL_ERROR_FILE_ATTR_INVALID", "a parameter in a file is not valid"),
    code(100009, "ACL_ERROR_INVALID_DUMP_CONFIG", "the dump's configuration is not valid"),
    code(100010, "ACL_ERROR_INVALID_PROFILING_CONFIG", "the profiler's configuration is not valid"),
    code(100011, "ACL_ERROR_INVALID_MODEL_ID", "there is no model with this number"),
    code(100012, "ACL_ERROR_DESERIALIZE_MODEL", "the model cannot be read: it may be damaged, or converted by another version"),
    code(100013, "ACL_ERROR_PARSE_MODEL", "the model cannot be understood"),
    code(100014, "ACL_ERROR_READ_MODEL_FAILURE", "the model's file cannot be read"),
    code(100015, "ACL_ERROR_MODEL_SIZE_INVALID", "the model has a size that is not allowed"),
    code(100016, "ACL_ERROR_MODEL_MISSING_ATTR", "the model lacks a parameter"),
    code(100017, "ACL_ERROR_MODEL_INPUT_NOT_MATCH", "the inputs are not those of the model"),
    code(100018, "ACL_ERROR_MODEL_OUTPUT_NOT_MATCH", "the outputs are not those of the model"),
    code(100019, "ACL_ERROR_MODEL_NOT_DYNAMIC", "the model has no free sizes"),
    code(100020, "ACL_ERROR_OP_TYPE_NOT_MATCH", "an operator of another type is needed"),
    code(100021, "ACL_ERROR_OP_INPUT_NOT_MATCH", "the inputs are not those of the operator"),
    code(100022, "ACL_ERROR_OP_OUTPUT_NOT_MATCH", "the outputs are not those of the operator"),
    code(100023, "ACL_ERROR_OP_ATTR_NOT_MATCH", "the attributes are not those of the operator"),
    code(100024, "ACL_ERROR_OP_NOT_FOUND", "there is no such operator"),
    code(100025, "ACL_ERROR_OP_LOAD_FAILED", "an operator cannot be loaded"),
    code(100026, "ACL_ERROR_UNSUPPORTED_DATA_TYPE", "the type of the elements is not supported"),
    code(100027, "ACL_ERROR_FORMAT_NOT_MATCH", "the format is another one"),
    code(100028, "ACL_ERROR_BIN_SELECTOR_NOT_REGISTERED", "a selector of operators' binaries is missing"),
    code(100029, "ACL_ERROR_KERNEL_NOT_FOUND", "there is no such kernel"),
    code(100030, "ACL_ERROR_BIN_SELECTOR_ALREADY_REGISTERED", "a selector of operators' binaries is there already"),
    code(100031, "ACL_ERROR_KERNEL_ALREADY_REGISTERED", "the kernel is there already"),
    code(100032, "ACL_ERROR_INVALID_QUEUE_ID", "there is no queue with this number"),
    code(100033, "ACL_ERROR_REPEAT_SUBSCRIBE", "it was subscribed to before"),
    code(100034, "ACL_ERROR_STREAM_NOT_SUBSCRIBE", "the stream is not subscribed to"),
    code(100035, "ACL_ERROR_THREAD_NOT_SUBSCRIBE", "the thread is not subscribed"),
    code(100036, "ACL_ERROR_WAIT_CALLBACK_TIMEOUT", "a callback did not come in time"),
    code(100037, "ACL_ERROR_REPEAT_FINALIZE", "AscendCL was finalised before"),
    code(100038, "ACL_ERROR_NOT_STATIC_AIPP", "the preprocessing is not static"),
    code(100039, "ACL_ERROR_COMPILING_STUB_MODE", "the library is the stub that programs are built with: use the one of the device's driver"),
    code(100040, "ACL_ERROR_GROUP_NOT_SET", "no group was set"),
    code(100041, "ACL_ERROR_GROUP_NOT_CREATE", "no group was made"),
    code(100042, "ACL_ERROR_PROF_ALREADY_RUN", "the profiler runs already"),
    code(100043, "ACL_ERROR_PROF_NOT_RUN", "the profiler does not run"),
    code(100044, "ACL_ERROR_DUMP_ALREADY_RUN", "the dump runs already"),
    code(100045, "ACL_ERROR_DUMP_NOT_RUN", "the dump does not run"),
    code(107000, "ACL_ERROR_RT_PARAM_INVALID", "an argument is not valid"),
    code(107001, "ACL_ERROR_RT_INVALID_DEVICEID", "there is no device with this number"),
    code(107002, "ACL_ERROR_RT_CONTEXT_NULL", "the thread has entered no context"),
    code(107003, "ACL_ERROR_RT_STREAM_CONTEXT", "the stream is not of the context"),
    code(107004, "ACL_ERROR_RT_MODEL_CONTEXT", "the model is not of the context"),
    code(107005, "ACL_ERROR_RT_STREAM_MODEL", "the stream is not of the model"),
    code(107006, "ACL_ERROR_RT_EVENT_TIMESTAMP_INVALID", "an event has no valid time"),
    code(107007, "ACL_ERROR_RT_EVENT_TIMESTAMP_REVERSAL", "an event's time is before that of an earlier one"),
    code(107008, "ACL_ERROR_RT_ADDR_UNALIGNED", "an address is not aligned"),
    code(107009, "ACL_ERROR_RT_FILE_OPEN", "a file cannot be opened"),
    code(107010, "ACL_ERROR_RT_FILE_WRITE", "a file cannot be written"),
    code(107011, "ACL_ERROR_RT_STREAM_SUBSCRIBE", "the stream is not subscribed to, or was before"),
    code(107012, "ACL_ERROR_RT_THREAD_SUBSCRIBE", "the thread is not subscribed, or was before"),
    code(107013, "ACL_ERROR_RT_GROUP_NOT_SET", "no group was set"),
    code(107014, "ACL_ERROR_RT_GROUP_NOT_CREATE", "no group was made"),
    code(107015, "ACL_ERROR_RT_STREAM_NO_CB_REG", "the stream has no callback"),
    code(107016, "ACL_ERROR_RT_INVALID_MEMORY_TYPE", "the memory is of another kind"),
    code(107017, "ACL_ERROR_RT_INVALID_HANDLE", "a handle is not valid"),
    code(107018, "ACL_ERROR_RT_INVALID_MALLOC_TYPE", "memory cannot be allocated in this way"),
    code(107022, "ACL_ERROR_RT_DEVICE_TASK_ABORT", "the device's work was aborted"),
    code(145000, "ACL_ERROR_GE_PARAM_INVALID", "an argument is not valid"),
    code(145001, "ACL_ERROR_GE_EXEC_NOT_INIT", "the executor of graphs is not initialised"),
    code(145002, "ACL_ERROR_GE_EXEC_MODEL_PATH_INVALID", "the model's file is not there"),
    code(145003, "ACL_ERROR_GE_EXEC_MODEL_ID_INVALID", "there is no model with this number"),
    code(145006, "ACL_ERROR_GE_EXEC_MODEL_DATA_SIZE_INVALID", "the model has a size that is not allowed"),
    code(145007, "ACL_ERROR_GE_EXEC_MODEL_ADDR_INVALID", "the model's address is not valid"),
    code(145008, "ACL_ERROR_GE_EXEC_MODEL_QUEUE_ID_INVALID", "there is no queue with this number"),
    code(145009, "ACL_ERROR_GE_EXEC_LOAD_MODEL_REPEATED", "the model was loaded before"),
    code(145011, "ACL_ERROR_GE_DYNAMIC_INPUT_ADDR_INVALID", "the address of an input with free sizes is not valid"),
    code(145012, "ACL_ERROR_GE_DYNAMIC_INPUT_LENGTH_INVALID", "the length of an input with free sizes is not valid"),
    code(145013, "ACL_ERROR_GE_DYNAMIC_BATCH_SIZE_INVALID", "the batch has a size that is not allowed"),
    code(145014, "ACL_ERROR_GE_AIPP_BATCH_EMPTY", "the preprocessing has no batch"),
    code(145015, "ACL_ERROR_GE_AIPP_NOT_EXIST", "there is no such preprocessing"),
    code(145016, "ACL_ERROR_GE_AIPP_MODE_INVALID", "the preprocessing is of another mode"),
    code(145017, "ACL_ERROR_GE_OP_TASK_TYPE_INVALID", "an operator's task is of a type that is not valid"),
    code(145018, "ACL_ERROR_GE_OP_KERNEL_TYPE_INVALID", "an operator's kernel is of a type that is not valid"),
    code(145019, "ACL_ERROR_GE_PLGMGR_PATH_INVALID", "the folder of plugins is not there"),
    code(145020, "ACL_ERROR_GE_FORMAT_INVALID", "the format is not valid"),
    code(145021, "ACL_ERROR_GE_SHAPE_INVALID", "the shape is not valid"),
    code(145022, "ACL_ERROR_GE_DATATYPE_INVALID", "the type of the elements is not valid"),
    code(148046, "ACL_ERROR_PROF_REPEAT_SUBSCRIBE", "the model's profile is subscribed to already"),
    code(148047, "ACL_ERROR_PROF_API_CONFLICT", "the profiler is used in two ways"),
    code(148048, "ACL_ERROR_INVALID_MAX_OPQUEUE_NUM_CONFIG", "the limit of cached operators is not valid"),
    code(148049, "ACL_ERROR_INVALID_OPP_PATH", "the folder of operators (ASCEND_OPP_PATH) is not there"),
    code(148050, "ACL_ERROR_OP_UNSUPPORTED_DYNAMIC", "an operator does not take free sizes"),
    code(148051, "ACL_ERROR_RELATIVE_RESOURCE_NOT_CLEARED", "something that depends on it is still there"),
    code(148052, "ACL_ERROR_UNSUPPORTED_JPEG", "the image is of a kind that is not supported"),
    code(148053, "ACL_ERROR_INVALID_BUNDLE_MODEL_ID", "there is no bundle of models with this number"),
    code(200000, "ACL_ERROR_BAD_ALLOC", "no memory could be allocated"),
    code(200001, "ACL_ERROR_API_NOT_SUPPORT", "the function is not supported here"),
    code(200002, "ACL_ERROR_INVALID_DEVICE", "the device is not valid"),
    code(200003, "ACL_ERROR_MEMORY_ADDRESS_UNALIGNED", "an address is not aligned"),
    code(200004, "ACL_ERROR_RESOURCE_NOT_MATCH", "things that do not belong together were used together"),
    code(200005, "ACL_ERROR_INVALID_RESOURCE_HANDLE", "a handle is not valid"),
    code(200006, "ACL_ERROR_FEATURE_UNSUPPORTED", "the device does not support it"),
    code(200007, "ACL_ERROR_PROF_MODULES_UNSUPPORTED", "the profiler does not support what was asked for"),
    code(207000, "ACL_ERROR_RT_FEATURE_NOT_SUPPORT", "the device does not support it"),
    code(207001, "ACL_ERROR_RT_MEMORY_ALLOCATION", "no memory could be allocated"),
    code(207002, "ACL_ERROR_RT_MEMORY_FREE", "memory could not be freed"),
    code(207003, "ACL_ERROR_RT_AICORE_OVER_FLOW", "a computation overflowed"),
    code(207004, "ACL_ERROR_RT_NO_DEVICE", "there is no device"),
    code(207005, "ACL_ERROR_RT_RESOURCE_ALLOC_FAIL", "something could not be allocated"),
    code(207006, "ACL_ERROR_RT_NO_PERMISSION", "this user may not do it"),
    code(207007, "ACL_ERROR_RT_NO_EVENT_RESOURCE", "there are no events left"),
    code(207008, "ACL_ERROR_RT_NO_STREAM_RESOURCE", "there are no streams left"),
    code(207009, "ACL_ERROR_RT_NO_NOTIFY_RESOURCE", "there are no notifications left"),
    code(207010, "ACL_ERROR_RT_NO_MODEL_RESOURCE", "there is no room for a model left"),
    code(207011, "ACL_ERROR_RT_NO_CDQ_RESOURCE", "there are no device queues left"),
    code(207012, "ACL_ERROR_RT_OVER_LIMIT", "a limit is passed"),
    code(207013, "ACL_ERROR_RT_QUEUE_EMPTY", "the queue is empty"),
    code(207014, "ACL_ERROR_RT_QUEUE_FULL", "the queue is full"),
    code(207015, "ACL_ERROR_RT_REPEATED_INIT", "it was initialised before"),
    code(245000, "ACL_ERROR_GE_MEMORY_ALLOCATION", "no memory could be allocated"),
    code(245001, "ACL_ERROR_GE_MEMORY_OPERATE_FAILED", "memory could not be used"),
    code(300000, "ACL_ERROR_STORAGE_OVER_LIMIT", "there is no more storage"),
    code(500000, "ACL_ERROR_INTERNAL_ERROR", "an error within AscendCL"),
    code(500001, "ACL_ERROR_FAILURE", "an error within AscendCL"),
    code(500002, "ACL_ERROR_GE_FAILURE", "an error within the executor of graphs"),
    code(500003, "ACL_ERROR_RT_FAILURE", "an error within the runtime"),
    code(500004, "ACL_ERROR_DRV_FAILURE", "an error within the driver"),
    code(500005, "ACL_ERROR_PROFILING_FAILURE", "an error within the profiler"),
    code(507000, "ACL_ERROR_RT_INTERNAL_ERROR", "an error within the runtime"),
    code(507001, "ACL_ERROR_RT_TS_ERROR", "an error within the device's scheduler"),
    code(507002, "ACL_ERROR_RT_STREAM_TASK_FULL", "the stream has too much to do"),
    code(507003, "ACL_ERROR_RT_STREAM_TASK_EMPTY", "the stream has nothing to do"),
    code(507004, "ACL_ERROR_RT_STREAM_NOT_COMPLETE", "the stream is not done"),
    code(507005, "ACL_ERROR_RT_END_OF_SEQUENCE", "the sequence is at its end"),
    code(507006, "ACL_ERROR_RT_EVENT_NOT_COMPLETE", "the event did not come yet"),
    code(507007, "ACL_ERROR_RT_CONTEXT_RELEASE_ERROR", "the context could not be released"),
    code(507008, "ACL_ERROR_RT_SOC_VERSION", "the device is of another kind"),
    code(507009, "ACL_ERROR_RT_TASK_TYPE_NOT_SUPPORT", "the device does not support such work"),
    code(507010, "ACL_ERROR_RT_LOST_HEARTBEAT", "the device's scheduler does not answer"),
    code(507011, "ACL_ERROR_RT_MODEL_EXECUTE", "the model failed on the device"),
    code(507012, "ACL_ERROR_RT_REPORT_TIMEOUT", "the device did not report in time"),
    code(507013, "ACL_ERROR_RT_SYS_DMA", "a copy failed on the device"),
    code(507014, "ACL_ERROR_RT_AICORE_TIMEOUT", "a core of the device took too long"),
    code(507015, "ACL_ERROR_RT_AICORE_EXCEPTION", "a core of the device failed"),
    code(507016, "ACL_ERROR_RT_AICORE_TRAP_EXCEPTION", "a core of the device was trapped"),
    code(507017, "ACL_ERROR_RT_AICPU_TIMEOUT", "a processor of the device took too long"),
    code(507018, "ACL_ERROR_RT_AICPU_EXCEPTION", "a processor of the device failed"),
    code(507019, "ACL_ERROR_RT_AICPU_DATADUMP_RSP_ERR", "a processor of the device did not answer to the dump"),
    code(507020, "ACL_ERROR_RT_AICPU_MODEL_RSP_ERR", "a processor of the device did not answer for the model"),
    code(507021, "ACL_ERROR_RT_PROFILING_ERROR", "an error within the profiler"),
    code(507022, "ACL_ERROR_RT_IPC_ERROR", "processes could not speak with each other"),
    code(507023, "ACL_ERROR_RT_MODEL_ABORT_NORMAL", "the model was ended"),
    code(507024, "ACL_ERROR_RT_KERNEL_UNREGISTERING", "the kernel is being taken away"),
    code(507025, "ACL_ERROR_RT_RINGBUFFER_NOT_INIT", "a ring buffer is not initialised"),
    code(507026, "ACL_ERROR_RT_RINGBUFFER_NO_DATA", "a ring buffer is empty"),
    code(507027, "ACL_ERROR_RT_KERNEL_LOOKUP", "there is no such kernel"),
    code(507028, "ACL_ERROR_RT_KERNEL_DUPLICATE", "the kernel is there already"),
    code(507029, "ACL_ERROR_RT_DEBUG_REGISTER_FAIL", "debugging could not be begun"),
    code(507030, "ACL_ERROR_RT_DEBUG_UNREGISTER_FAIL", "debugging could not be ended"),
    code(507031, "ACL_ERROR_RT_LABEL_CONTEXT", "the label is not of the context"),
    code(507032, "ACL_ERROR_RT_PROGRAM_USE_OUT", "there are too many programs"),
    code(507033, "ACL_ERROR_RT_DEV_SETUP_ERROR", "the device could not be set up"),
    code(507034, "ACL_ERROR_RT_VECTOR_CORE_TIMEOUT", "a vector core of the device took too long"),
    code(507035, "ACL_ERROR_RT_VECTOR_CORE_EXCEPTION", "a vector core of the device failed"),
    code(507036, "ACL_ERROR_RT_VECTOR_CORE_TRAP_EXCEPTION", "a vector core of the device was trapped"),
    code(507037, "ACL_ERROR_RT_CDQ_BATCH_ABNORMAL", "a batch of a device queue could not be allocated"),
    code(507038, "ACL_ERROR_RT_DIE_MODE_CHANGE_ERROR", "the mode of the dies cannot be changed"),
    code(507039, "ACL_ERROR_RT_DIE_SET_ERROR", "no die can be set in the mode of one die"),
    code(507040, "ACL_ERROR_RT_INVALID_DIEID", "there is no die with this number"),
    code(507041, "ACL_ERROR_RT_DIE_MODE_NOT_SET", "the mode of the dies is not set"),
    code(507042, "ACL_ERROR_RT_AICORE_TRAP_READ_OVERFLOW", "a core of the device read beyond its memory"),
    code(507043, "ACL_ERROR_RT_AICORE_TRAP_WRITE_OVERFLOW", "a core of the device wrote beyond its memory"),
    code(507044, "ACL_ERROR_RT_VECTOR_CORE_TRAP_READ_OVERFLOW", "a vector core of the device read beyond its memory"),
    code(507045, "ACL_ERROR_RT_VECTOR_CORE_TRAP_WRITE_OVERFLOW", "a vector core of the device wrote beyond its memory"),
    code(507046, "ACL_ERROR_RT_STREAM_SYNC_TIMEOUT", "the stream was not done in time"),
    code(507047, "ACL_ERROR_RT_EVENT_SYNC_TIMEOUT", "the event did not come in time"),
    code(507048, "ACL_ERROR_RT_FFTS_PLUS_TIMEOUT", "a group of tasks took too long"),
    code(507049, "ACL_ERROR_RT_FFTS_PLUS_EXCEPTION", "a group of tasks failed"),
    code(507050, "ACL_ERROR_RT_FFTS_PLUS_TRAP_EXCEPTION", "a group of tasks was trapped"),
    code(507051, "ACL_ERROR_RT_SEND_MSG", "the device cannot be told anything"),
    code(507052, "ACL_ERROR_RT_COPY_DATA", "a copy between host and device failed"),
    code(507053, "ACL_ERROR_RT_DEVICE_MEM_ERROR", "the device's memory is faulty"),
    code(507054, "ACL_ERROR_RT_HBM_MULTI_BIT_ECC_ERROR", "the device's memory has lost several bits"),
    code(507055, "ACL_ERROR_RT_SUSPECT_DEVICE_MEM_ERROR", "the device's memory may be faulty"),
    code(507056, "ACL_ERROR_RT_LINK_ERROR", "a link of the device is faulty"),
    code(507057, "ACL_ERROR_RT_SUSPECT_REMOTE_ERROR", "another device may be faulty"),
    code(507899, "ACL_ERROR_RT_DRV_INTERNAL_ERROR", "an error within the driver"),
    code(507900, "ACL_ERROR_RT_AICPU_INTERNAL_ERROR", "an error within a processor of the device"),
    code(507901, "ACL_ERROR_RT_SOCKET_CLOSE", "the connection to the device is closed"),
    code(507904, "ACL_ERROR_RT_COMM_OP_RETRY_FAIL", "a communication failed again"),
    code(545000, "ACL_ERROR_GE_INTERNAL_ERROR", "an error within the executor of graphs"),
    code(545001, "ACL_ERROR_GE_LOAD_MODEL", "the model cannot be loaded"),
    code(545002, "ACL_ERROR_GE_EXEC_LOAD_MODEL_PARTITION_FAILED", "the model's graph cannot be loaded"),
    code(545003, "ACL_ERROR_GE_EXEC_LOAD_WEIGHT_PARTITION_FAILED", "the model's weights cannot be loaded"),
    code(545004, "ACL_ERROR_GE_EXEC_LOAD_TASK_PARTITION_FAILED", "the model's tasks cannot be loaded"),
    code(545005, "ACL_ERROR_GE_EXEC_LOAD_KERNEL_PARTITION_FAILED", "the model's kernels cannot be loaded"),
    code(545006, "ACL_ERROR_GE_EXEC_RELEASE_MODEL_DATA", "the model's data cannot be released"),
    code(545007, "ACL_ERROR_GE_COMMAND_HANDLE", "a command to the executor of graphs failed"),
    code(545008, "ACL_ERROR_GE_GET_TENSOR_INFO", "a tensor cannot be described"),
    code(545009, "ACL_ERROR_GE_UNLOAD_MODEL", "the model cannot be unloaded"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_once() {
        for pair in DOCUMENTED.windows(2) {
            assert!(
                pair[0].status < pair[1].status,
                "{} is in the wrong place",
                pair[1].name
            );
        }
        assert!(
            DOCUMENTED
                .iter()
                .all(|code| find(code.status).is_some_and(|found| found.name == code.name))
        );
        assert!(find(0).is_none());
        assert_eq!(
            find(STREAM_SYNC_TIMEOUT).map(|code| code.name),
            Some("ACL_ERROR_RT_STREAM_SYNC_TIMEOUT")
        );
    }
}
