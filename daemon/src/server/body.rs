//! Bodies within limits.

use std::io::Read;

use axum::body::Body;
use axum::http::StatusCode;
use flate2::read::MultiGzDecoder;
use futures_util::TryStreamExt;
use tokio::sync::SemaphorePermit;

use super::{SLOWEST, Server, enter};

/// Larger bodies than this are refused, as they come and as they are when decoded; Stripe's are a
/// tenth of it.
pub(super) const LARGEST: usize = 4 << 20;

/// Up to here a body needs no room of its own, so that whoever is slow keeps nobody out.
const SMALL: usize = 64 << 10;

/// A body, and the room that it takes if it is a large one.
pub(super) struct Received<'a> {
    pub(super) bytes: Vec<u8>,
    pub(super) room: Option<SemaphorePermit<'a>>,
}

impl Server {
    pub(super) async fn read(&self, body: Body) -> Result<Received<'_>, StatusCode> {
        tokio::time::timeout(SLOWEST, self.whole(body)).await.unwrap_or(Err(StatusCode::REQUEST_TIMEOUT))
    }

    /// The body to its end. Who sends much takes a room for it, who sends little none.
    async fn whole(&self, body: Body) -> Result<Received<'_>, StatusCode> {
        let mut pieces = body.into_data_stream();
        let mut received = Received { bytes: Vec::new(), room: None };
        while let Some(piece) = pieces.try_next().await.map_err(|_| StatusCode::BAD_REQUEST)? {
            let length = received.bytes.len() + piece.len();
            if length > LARGEST {
                return Err(StatusCode::PAYLOAD_TOO_LARGE);
            }
            if length > SMALL {
                self.make_room(&mut received).await?;
            }
            received.bytes.extend_from_slice(&piece);
        }
        Ok(received)
    }

    async fn make_room<'a>(&'a self, received: &mut Received<'a>) -> Result<(), StatusCode> {
        if received.room.is_none() {
            received.room = Some(enter(&self.room_for_large).await.ok_or(StatusCode::SERVICE_UNAVAILABLE)?);
        }
        Ok(())
    }

    /// What a compressed body holds. Little may hold much, so it takes a room whatever its size.
    pub(super) async fn decoded<'a>(&'a self, mut received: Received<'a>) -> Result<Received<'a>, StatusCode> {
        self.make_room(&mut received).await?;
        let mut bytes = Vec::new();
        let most = LARGEST as u64 + 1;
        let mut decoder = MultiGzDecoder::new(received.bytes.as_slice()).take(most);
        decoder.read_to_end(&mut bytes).map_err(|_| StatusCode::BAD_REQUEST)?;
        if bytes.len() > LARGEST {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        Ok(Received { bytes, room: received.room })
    }
}
