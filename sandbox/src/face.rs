//! What the vendors' faces do alike: they listen, say where, and tell the world's time.

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, UNIX_EPOCH};

use axum::Router;

use crate::world::clock::Moment;

/// Answers on 127.0.0.1 until the future ends. Prints one line with the address as soon as it listens.
pub async fn listen(router: Router, port: u16, until: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
    let listener = tokio::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    let mut stdout = io::stdout();
    writeln!(stdout, "listening on http://{}", listener.local_addr()?)?;
    stdout.flush()?;
    axum::serve(listener, router).with_graceful_shutdown(until).await
}

/// A moment as the header `Date` has it.
pub fn date(now: Moment) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(now.0.unsigned_abs()))
}
