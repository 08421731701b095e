//! Bodies: whole, decoded, bounded, UTF-8, JSON.

use chrono::{DateTime, Utc};
use reqwest::Response;
use reqwest::header::HeaderMap;
use serde_json::value::RawValue;

use super::mask::Mask;
use super::{Failure, Limits};
use crate::SourceError;

/// The most room that is made for a body because its header says so: it may say anything.
const LARGEST_ROOM: u64 = 8 << 20;

/// The vendor's clock. An answer without one can't be ordered against others.
pub(super) fn date(at: &str, head: &HeaderMap) -> Result<DateTime<Utc>, Failure> {
    head.get("date")
        .and_then(|value| httpdate::parse_http_date(value.to_str().ok()?).ok())
        .map(DateTime::from)
        .ok_or_else(|| invalid(at, "it has no readable Date header, which orders it among others".into()))
}

/// Reads a body to its end. The limit holds for decoded bytes, so that a small body that
/// unpacks to gigabytes is stopped on the way.
pub(super) async fn read(at: &str, mut response: Response, limits: &Limits, mask: &Mask) -> Result<String, Failure> {
    let announced = response.content_length().unwrap_or_default().min(limits.body_bytes).min(LARGEST_ROOM);
    let mut bytes = Vec::with_capacity(usize::try_from(announced).unwrap_or_default());
    loop {
        match tokio::time::timeout(limits.progress, response.chunk()).await {
            Ok(Ok(Some(chunk))) => bytes.extend_from_slice(&chunk),
            Ok(Ok(None)) => break,
            Ok(Err(error)) => return Err(Failure::broken_off(at, error, limits, mask)),
            Err(_) => return Err(Failure::late(at, "the next piece of the body", limits.progress)),
        }
        if bytes.len() as u64 > limits.body_bytes {
            return Err(Failure::fatal(SourceError::TooLarge { at: at.to_owned(), limit: limits.body_bytes }));
        }
    }
    let body = String::from_utf8(bytes)
        .map_err(|error| invalid(at, format!("it is not UTF-8 at byte {}", error.utf8_error().valid_up_to())))?;
    Ok(match body.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => body,
    })
}

/// Whether a body is JSON. The content type is not asked: it is wrong more often than the body.
pub(super) fn check_json(at: &str, body: &str, mask: &Mask) -> Result<(), Failure> {
    match serde_json::from_str::<&RawValue>(body) {
        Ok(_) => Ok(()),
        Err(_) if body.trim().is_empty() => Err(invalid(at, "it is empty".into())),
        Err(_) if !body.trim_start().starts_with(['{', '[']) => {
            Err(invalid(at, format!("it is not JSON and begins with: {}", mask.excerpt(body, 200))))
        }
        Err(error) => {
            // Where and not what: the text around the fault is some customer's record.
            Err(invalid(at, format!("invalid JSON at line {} column {}", error.line(), error.column())))
        }
    }
}

fn invalid(at: &str, detail: String) -> Failure {
    Failure::passing(SourceError::InvalidBody { at: at.to_owned(), detail })
}
