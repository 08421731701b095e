//! A folder that goes when its owner goes.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::Outcome;

/// A temporary folder, removed on drop.
pub struct Folder(PathBuf);

impl Folder {
    /// A new folder whose name begins with `mrr-` and says what it is for. The path stays short:
    /// a Unix socket's may have 107 bytes.
    pub fn new(purpose: &str) -> Outcome<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("mrr-{purpose}-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|error| format!("can't make {}: {error}", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file into it.
    pub fn write(&self, name: &str, text: &str) -> Outcome<PathBuf> {
        let path = self.0.join(name);
        std::fs::write(&path, text).map_err(|error| format!("can't write {}: {error}", path.display()))?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that can't be removed is litter in the temporary place, not a failure.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
