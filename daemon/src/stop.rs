//! Being asked to stop.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// A request to stop, seen by everybody who holds a copy.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// A request that never comes, for commands that end by themselves, and for tests.
    #[cfg(test)]
    pub fn never() -> Self {
        let (sender, receiver) = watch::channel(false);
        // The sender must live as long as anybody waits.
        std::mem::forget(sender);
        Self(receiver)
    }

    /// A request, and the switch that makes it.
    pub fn switch() -> (watch::Sender<bool>, Self) {
        let (sender, receiver) = watch::channel(false);
        (sender, Self(receiver))
    }

    /// Made by SIGTERM or SIGINT. A second signal ends the process at once: the batch under way
    /// is then rolled back by the database.
    pub fn on_signal() -> std::io::Result<Self> {
        let (sender, stop) = Self::switch();
        let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        tokio::spawn(async move {
            for asked in 0.. {
                let name = tokio::select! {
                    _ = term.recv() => "SIGTERM",
                    _ = int.recv() => "SIGINT",
                };
                if asked > 0 {
                    std::process::exit(143);
                }
                tracing::info!(signal = name, "stopping: the batch under way is finished first");
                // Nobody may be waiting any more; then there is nothing to stop.
                let _ = sender.send(true);
            }
        });
        Ok(stop)
    }

    /// Whether it was made.
    pub fn requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when it is made.
    pub async fn wait(&self) {
        let mut receiver = self.0.clone();
        // An error means that the switch is gone, so that it will never be made.
        if receiver.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
