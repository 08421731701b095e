//! Values on the wire that have no type of their own in the client library.

use std::error::Error;

use revenue::calendar::Day;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

/// A `date`. The crate counts days as PostgreSQL does, infinities included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DayColumn(pub Day);

impl ToSql for DayColumn {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.0.0.to_sql(ty, out)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::DATE
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for DayColumn {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Day(i32::from_sql(ty, raw)?)))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::DATE
    }
}

/// A `json` value as its text. The server checks it, nothing here takes it apart.
#[derive(Debug, Clone, Copy)]
pub struct JsonColumn<'a>(pub &'a str);

impl ToSql for JsonColumn<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.0.to_sql(ty, out)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSON
    }

    to_sql_checked!();
}

/// Text from outside for a table of ours: cut to `longest` characters, and without U+0000,
/// which PostgreSQL's text can't hold.
pub fn text(from: &str, longest: usize) -> String {
    let mut kept: String =
        from.chars().take(longest).map(|char| if char == '\0' { '\u{fffd}' } else { char }).collect();
    if from.chars().nth(longest).is_some() {
        kept.push('…');
    }
    kept
}
