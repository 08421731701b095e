//! From a path and a query to an answer.

use serde_json::Value;

use super::book::Book;
use super::expand::{self, Kind, Shape};
use super::page::{Paging, list};
use super::query::Query;
use super::refusal::Refusal;

impl Book {
    /// Answers a GET request.
    pub fn answer(&self, path: &str, mut query: Query) -> Result<Value, Refusal> {
        let expansions = query.take_list("expand");
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        match segments[..] {
            ["v1", "account"] => {
                query.finish(&[])?;
                self.expanded(self.render_company(), Shape::Account, &expansions)
            }
            ["v1", "invoices", invoice, "lines"] => self.invoice_lines(invoice, query, &expansions),
            ["v1", "credit_notes", note, "lines"] => self.credit_note_lines(note, query, &expansions),
            ["v1", "test_helpers", "test_clocks"] => {
                let page = self.list_clocks(query)?;
                self.expanded(page, Shape::List(Kind::TestClock), &expansions)
            }
            ["v1", "test_helpers", "test_clocks", id] => {
                query.finish(&[])?;
                let clock = self.find(Kind::TestClock, id).ok_or_else(|| Refusal::missing("test_clock", id))?;
                self.expanded(clock, Shape::One(Kind::TestClock), &expansions)
            }
            ["v1", "subscription_items"] => self.subscription_items(query, &expansions),
            ["v1", noun] => {
                let (page, shape) = self.listed(noun, path, query)?;
                self.expanded(page, Shape::List(shape), &expansions)
            }
            ["v1", noun, id] => {
                let (object, shape) = self.retrieved(noun, id, path)?;
                query.finish(&[])?;
                self.expanded(object, shape, &expansions)
            }
            _ => Err(Refusal::unknown_path(path)),
        }
    }

    fn expanded(&self, mut answer: Value, shape: Shape, expansions: &[String]) -> Result<Value, Refusal> {
        for path in expansions {
            expand::expand(self, &mut answer, shape, path)?;
        }
        Ok(answer)
    }

    fn listed(&self, noun: &str, path: &str, query: Query) -> Result<(Value, Kind), Refusal> {
        match noun {
            "customers" => Ok((self.list_customers(query)?, Kind::Customer)),
            "products" => Ok((self.list_products(query)?, Kind::Product)),
            "prices" => Ok((self.list_prices(query)?, Kind::Price)),
            "coupons" => Ok((self.list_coupons(query)?, Kind::Coupon)),
            "subscriptions" => Ok((self.list_subscriptions(query)?, Kind::Subscription)),
            "invoices" => Ok((self.list_invoices(query)?, Kind::Invoice)),
            "invoiceitems" => Ok((self.list_invoice_items(query)?, Kind::InvoiceItem)),
            "refunds" => Ok((self.list_refunds(query)?, Kind::Refund)),
            "credit_notes" => Ok((self.list_credit_notes(query)?, Kind::CreditNote)),
            "subscription_schedules" => Ok((self.list_schedules(query)?, Kind::Schedule)),
            _ => Err(Refusal::unknown_path(path)),
        }
    }

    fn retrieved(&self, noun: &str, id: &str, path: &str) -> Result<(Value, Shape), Refusal> {
        let (kind, noun) = match noun {
            "customers" => (Kind::Customer, "customer"),
            "products" => (Kind::Product, "product"),
            "prices" => (Kind::Price, "price"),
            "coupons" => (Kind::Coupon, "coupon"),
            "subscriptions" => (Kind::Subscription, "subscription"),
            "subscription_items" => (Kind::SubscriptionItem, "subscription_item"),
            "invoices" => (Kind::Invoice, "invoice"),
            "invoiceitems" => (Kind::InvoiceItem, "invoiceitem"),
            "refunds" => (Kind::Refund, "refund"),
            "credit_notes" => (Kind::CreditNote, "credit note"),
            "subscription_schedules" => (Kind::Schedule, "subscription schedule"),
            _ => return Err(Refusal::unknown_path(path)),
        };
        let object = self.find(kind, id).ok_or_else(|| Refusal::missing(noun, id))?;
        Ok((object, Shape::One(kind)))
    }

    fn subscription_items(&self, mut query: Query, expansions: &[String]) -> Result<Value, Refusal> {
        let id = query.take("subscription").ok_or_else(|| Refusal::missing_parameter("subscription"))?;
        let paging = Paging::take(&mut query)?;
        query.finish(&[])?;
        let missing = || Refusal::missing_cursor("subscription", "subscription", &id);
        let of = self.subscriptions.get(&id).ok_or_else(missing)?;
        let subscription = self.subscription(of);
        let contract = subscription.contract();
        let item_id = |number| self.ids.item(of.account, subscription.number, number);
        let ids: Vec<String> = contract.items.iter().map(|item| item_id(item.number)).collect();
        let (range, more) = paging.of_nested(&ids, "subscription_item")?;
        let data = contract.items[range].iter().map(|item| self.render_item(of, item)).collect();
        let page = list("/v1/subscription_items", data, more);
        self.expanded(page, Shape::List(Kind::SubscriptionItem), expansions)
    }

    fn credit_note_lines(&self, id: &str, mut query: Query, expansions: &[String]) -> Result<Value, Refusal> {
        let paging = Paging::take(&mut query)?;
        query.finish(&[])?;
        let of = self.credit_notes.get(id).ok_or_else(|| Refusal::missing("credit note", id))?;
        let line = self.render_credit_note_line(of);
        let ids: Vec<String> = line["id"].as_str().map(str::to_owned).into_iter().collect();
        let (range, more) = paging.of_nested(&ids, "credit note line item")?;
        let page = list(&format!("/v1/credit_notes/{id}/lines"), vec![line][range].to_vec(), more);
        self.expanded(page, Shape::List(Kind::CreditNoteLine), expansions)
    }

    fn invoice_lines(&self, id: &str, mut query: Query, expansions: &[String]) -> Result<Value, Refusal> {
        let paging = Paging::take(&mut query)?;
        query.finish(&[])?;
        let of = self.invoices.get(id).ok_or_else(|| Refusal::missing("invoice", id))?;
        let invoice = self.invoice(of);
        let line_id = |n| self.ids.line(of.account, invoice.subscription, invoice.sequence, n);
        let ids: Vec<String> = (0..invoice.lines.len()).map(line_id).collect();
        let (range, more) = paging.of_nested(&ids, "line item")?;
        let data = range.map(|n| self.render_line(of, n)).collect();
        let page = list(&format!("/v1/invoices/{id}/lines"), data, more);
        self.expanded(page, Shape::List(Kind::Line), expansions)
    }
}
