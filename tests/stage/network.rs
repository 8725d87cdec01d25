//! Whom a process talks to: its sockets, read from Linux' `/proc`. Elsewhere nothing is seen.

use std::collections::HashSet;

/// The remote ends of the process's TCP connections that are not this machine, as the kernel writes them.
pub(super) fn strangers(pid: u32) -> Vec<String> {
    let mut remotes = remotes(pid);
    remotes.retain(|remote| !is_here(remote));
    remotes
}

fn remotes(pid: u32) -> Vec<String> {
    let sockets = sockets(pid);
    let mut remotes = Vec::new();
    for table in ["tcp", "tcp6"] {
        let text = std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let columns: Vec<&str> = line.split_whitespace().collect();
            if sockets.contains(columns[9]) {
                remotes.push(columns[2].to_owned());
            }
        }
    }
    remotes
}

/// The inodes of a process's sockets.
fn sockets(pid: u32) -> HashSet<String> {
    let Ok(open) = std::fs::read_dir(format!("/proc/{pid}/fd")) else {
        return HashSet::new();
    };
    let target = |entry: std::io::Result<std::fs::DirEntry>| std::fs::read_link(entry.ok()?.path()).ok();
    let inode = |path: std::path::PathBuf| {
        let text = path.to_str()?;
        text.strip_prefix("socket:[")?.strip_suffix(']').map(str::to_owned)
    };
    open.filter_map(target).filter_map(inode).collect()
}

/// Whether `address:port` in the kernel's hexadecimal is loopback, or no address at all.
fn is_here(remote: &str) -> bool {
    let address = remote.split(':').next().unwrap_or_default();
    let v4 = |address: &str| address.ends_with("7F") || address == "00000000";
    match address.len() {
        8 => v4(address),
        _ => {
            address.chars().all(|c| c == '0')
                || address == "00000000000000000000000001000000"
                || address.strip_prefix("0000000000000000FFFF0000").is_some_and(v4)
        }
    }
}

#[test]
fn sees_who_is_somebody_else() {
    for here in [
        "0100007F:1F90",
        "00000000:0000",
        "00000000000000000000000001000000:1F90",
    ] {
        assert!(is_here(here), "{here}");
    }
    for elsewhere in ["08080808:01BB", "B80D0120000000000000000001000000:01BB"] {
        assert!(!is_here(elsewhere), "{elsewhere}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn sees_a_connection_while_it_is_open() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let _stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    let remotes = remotes(std::process::id());
    assert!(remotes.contains(&format!("0100007F:{port:04X}")), "{remotes:?}");
}
