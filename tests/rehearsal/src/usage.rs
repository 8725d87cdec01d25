//! What Linux says of a process: its time and its memory.

use std::io;
use std::time::Duration;

/// The most memory it has held: `VmHWM` of `/proc/PID/status`; 0 once it has ended and where there is no `/proc`.
pub fn peak_memory_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}

/// What all its threads have used, by `/proc/PID/task/THREAD/schedstat`, which counts nanoseconds.
///
/// # Errors
/// Where there is no such process, or the kernel does not count.
pub fn processor_time(pid: u32) -> io::Result<Duration> {
    let mut nanoseconds = 0;
    for thread in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let file = thread?.path().join("schedstat");
        let read = std::fs::read_to_string(file).unwrap_or_default(); // a thread that ended meanwhile
        nanoseconds += read.split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(0);
    }
    match nanoseconds {
        0 => Err(io::Error::other("this kernel counts no processor time in schedstat")),
        _ => Ok(Duration::from_nanos(nanoseconds)),
    }
}
