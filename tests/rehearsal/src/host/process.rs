//! One process of a function: started with a clean environment, watched until it ends, killed when dropped.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::process::{Child, Command};
use tokio::sync::{Notify, watch};

/// A running (or ended) process.
pub(super) struct Process {
    pub(super) pid: u32,
    pub(super) spawned: Instant,
    stop: Arc<Notify>,
    ended: watch::Receiver<bool>,
}

impl Process {
    /// Starts `binary` with exactly `env`; everything it writes goes to `journal`.
    pub(super) fn spawn(binary: &Path, env: &[(String, String)], journal: &Journal) -> io::Result<Process> {
        let child = Command::new(binary)
            .env_clear()
            .envs(env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(journal.writer()?)
            .stderr(journal.writer()?)
            .kill_on_drop(true)
            .spawn()?;
        let pid = child.id().unwrap_or_default();
        let spawned = Instant::now();
        let stop = Arc::new(Notify::new());
        let (tell, ended) = watch::channel(false);
        tokio::spawn(watch_over(child, Arc::clone(&stop), tell));
        Ok(Process {
            pid,
            spawned,
            stop,
            ended,
        })
    }

    /// What stands in for a process that could not be started at all.
    pub(super) fn stillborn() -> Process {
        let (_, ended) = watch::channel(true);
        Process {
            pid: 0,
            spawned: Instant::now(),
            stop: Arc::default(),
            ended,
        }
    }

    pub(super) fn is_alive(&self) -> bool {
        !*self.ended.borrow()
    }

    /// Returns when the process has ended, at once if it already has.
    pub(super) async fn ended(&self) {
        // An error means that the watching task is gone, and the child went with it (`kill_on_drop`).
        let _ = self.ended.clone().wait_for(|ended| *ended).await;
    }

    /// SIGKILL, as Lambda does it, and wait until it took effect.
    pub(super) async fn kill(&self) {
        self.stop.notify_one();
        self.ended().await;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop.notify_one();
    }
}

async fn watch_over(mut child: Child, stop: Arc<Notify>, ended: watch::Sender<bool>) {
    tokio::select! {
        _ = child.wait() => {}
        () = stop.notified() => {
            // It fails only where the process is gone already.
            let _ = child.kill().await;
        }
    }
    ended.send_replace(true);
}

/// Everything a function wrote, over all its processes.
///
/// A file rather than pipes: what a process wrote before it answered is readable the moment the answer is there, and no
/// pipe fills up. The file has no name any more once it is open, so nothing is left behind.
pub(super) struct Journal {
    writer: File,
    reader: Mutex<File>,
}

impl Journal {
    pub(super) fn open() -> io::Result<Journal> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = format!(
            "rollcall-{}-{}.log",
            std::process::id(),
            NUMBER.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        let writer = File::options().create(true).append(true).open(&path)?;
        let reader = Mutex::new(File::open(&path)?);
        std::fs::remove_file(&path)?;
        Ok(Journal { writer, reader })
    }

    fn writer(&self) -> io::Result<File> {
        self.writer.try_clone()
    }

    pub(super) fn note(&self, line: &str) {
        // A note that cannot be kept is no reason to fail what it is about.
        let _ = io::Write::write_all(&mut &self.writer, format!("{line}\n").as_bytes());
    }

    pub(super) fn read(&self) -> String {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = Vec::new();
        if reader.seek(SeekFrom::Start(0)).is_ok() {
            let _ = reader.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
