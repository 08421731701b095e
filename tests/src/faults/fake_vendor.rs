//! A vendor of which every record is put there by a case: what the sandbox's company can't be made to do, such as to
//! delete a record or to list one twice.

use std::collections::BTreeMap;

use super::dialect::{CUSTOMERS, Dialect, Request, SUBSCRIPTIONS, Subscription};

/// A record as it is listed.
#[derive(Clone)]
pub struct Row {
    pub id: String,
    pub created: i64,
    /// Milliseconds: when it was changed, as far as the vendor tells.
    pub changed: i64,
    pub payload: String,
}

/// The lists, and what has ever been in them. It is also the truth that the database is compared
/// with: nothing in it was read from the product.
pub struct FakeVendor {
    pub dialect: &'static dyn Dialect,
    lists: BTreeMap<&'static str, Vec<Row>>,
    /// Records that can be read by their ids and are in no list, as a wrong list leaves them out.
    hidden: Vec<(&'static str, String)>,
    deleted: Vec<(&'static str, String)>,
    /// The largest page; a hundred at most vendors.
    pub most: usize,
    /// The vendor's clock, in Unix time.
    pub now: i64,
    /// How many changes were told of, so that no two are of one moment.
    told: i64,
}

/// The second at which everything here begins.
pub const BEGIN: i64 = 1_760_000_000;

impl FakeVendor {
    /// A book of so many customers, an hour apart, each with a subscription.
    pub fn with(dialect: &'static dyn Dialect, customers: usize) -> Self {
        let (lists, hidden, deleted) = Default::default();
        let mut vendor = Self { dialect, lists, hidden, deleted, most: 100, now: BEGIN + 10_000_000, told: 0 };
        dialect.catalogue(&mut vendor);
        for number in 0..customers {
            let created = BEGIN + i64::try_from(number).unwrap_or_default() * 3_600;
            vendor.customer(&format!("cus_{number:05}"), created, "Ada");
            vendor.subscription(&format!("sub_{number:05}"), &format!("cus_{number:05}"), created, 1);
        }
        vendor
    }

    /// The same in pages of so many records.
    pub fn in_pages_of(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// Puts a record there, or in the place of its former version.
    pub fn put(&mut self, stream: &'static str, id: &str, created: i64, payload: &str) {
        let (stream, row) = self.row(stream, id, created, payload);
        self.deleted.retain(|(of, deleted)| *of != stream || *deleted != row.id);
        let rows = self.lists.entry(stream).or_default();
        match rows.iter_mut().find(|known| known.id == row.id) {
            Some(known) => *known = row,
            None => rows.push(row),
        }
    }

    /// Puts a record there even if there is one of that id.
    pub fn put_twice(&mut self, stream: &'static str, id: &str, created: i64, payload: &str) {
        let (stream, row) = self.row(stream, id, created, payload);
        self.lists.entry(stream).or_default().push(row);
    }

    fn row(&self, stream: &'static str, id: &str, created: i64, payload: &str) -> (&'static str, Row) {
        let row = Row { id: self.dialect.id(id), created, changed: created * 1_000, payload: payload.into() };
        (self.dialect.own(stream), row)
    }

    pub fn customer(&mut self, id: &str, created: i64, name: &str) {
        self.put(CUSTOMERS, id, created, &self.dialect.customer(id, created, name));
    }

    /// One that is known to be new.
    pub fn add_customer(&mut self, id: &str, created: i64) {
        self.put_twice(CUSTOMERS, id, created, &self.dialect.customer(id, created, "Ada"));
    }

    pub fn subscription(&mut self, id: &str, customer: &str, created: i64, quantity: u32) {
        self.subscribe(&Subscription { id, customer, created, quantity, flaw: None });
    }

    /// The same, also of one that is not as it should be.
    pub fn subscribe(&mut self, of: &Subscription<'_>) {
        let dialect = self.dialect;
        dialect.beside(self, of);
        self.put(SUBSCRIPTIONS, of.id, of.created, &dialect.subscription(of));
    }

    /// Tells, in whatever way the vendor does, that a record was changed just now.
    pub fn tell(&mut self, entry: &str, kind: &str, stream: &'static str, id: &str) {
        self.told += 1;
        // Just before: the vendor's clock comes in whole seconds.
        let (at, changed) = (self.now, self.now * 1_000 - 1_000 + self.told % 1_000);
        let own = self.dialect.id(id);
        if let Some(row) = self.list_mut(stream).iter_mut().find(|row| row.id == own) {
            row.changed = changed;
        }
        let body = self.event(entry, kind, stream, id);
        self.put("events", entry, at, &body);
    }

    /// What a delivery of that says.
    pub fn event(&self, entry: &str, kind: &str, stream: &'static str, id: &str) -> String {
        let own = self.dialect.id(id);
        let row = self.lists.get(self.dialect.own(stream)).and_then(|rows| rows.iter().find(|row| row.id == own));
        self.dialect.event(entry, kind, stream, id, self.now, row)
    }

    /// Deletes a record, as the vendor knows it afterwards. A case that deletes what is not there would prove nothing.
    pub fn delete(&mut self, stream: &'static str, id: &str) {
        let id = self.dialect.id(id);
        let rows = self.list_mut(stream);
        let before = rows.len();
        rows.retain(|row| row.id != id);
        assert!(rows.len() < before, "there is no {id} in {stream} to be deleted");
        self.deleted.push((self.dialect.own(stream), id));
    }

    /// Leaves a record out of its list, though it is there.
    pub fn hide(&mut self, stream: &'static str, id: &str) {
        self.hidden.push((self.dialect.own(stream), self.dialect.id(id)));
    }

    /// Shows all again.
    pub fn show(&mut self) {
        self.hidden.clear();
    }

    fn list_mut(&mut self, stream: &'static str) -> &mut Vec<Row> {
        self.lists.entry(self.dialect.own(stream)).or_default()
    }

    /// The records that a stream has now, in its list's order, by the vendor's own name of it.
    pub fn rows(&self, stream: &str) -> Vec<Row> {
        let mut rows = self.lists.get(stream).cloned().unwrap_or_default();
        self.dialect.order(&mut rows);
        rows
    }

    /// The same without what is hidden.
    pub fn shown(&self, stream: &str) -> Vec<Row> {
        let mut rows = self.rows(stream);
        rows.retain(|row| !self.hidden.iter().any(|(of, id)| *of == stream && *id == row.id));
        rows
    }

    /// One record, as long as there is one.
    pub fn find(&self, stream: &str, id: &str) -> Option<&Row> {
        self.lists.get(stream)?.iter().find(|row| row.id == id)
    }

    pub fn is_deleted(&self, stream: &str, id: &str) -> bool {
        self.deleted.iter().any(|(of, gone)| *of == stream && gone == id)
    }

    /// Status and body.
    pub fn answer(&self, request: &Request<'_>) -> (u16, String) {
        self.dialect.answer(self, request)
    }
}
