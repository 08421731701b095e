//! The lists, each with its documented filters.

use serde_json::Value;

use super::book::{Book, Of};
use super::filters::{BOOLEAN, COLLECTION, Filters, INVOICE_STATUS, SUBSCRIPTION_STATUS, UNENDED};
use super::on_clock::MaybeOnClock;
use super::page::{Paging, list};
use super::query::Query;
use super::refusal::Refusal;
use super::render::status_of;
use super::shelf::{Shelf, Tag};

impl Book {
    pub(super) fn list_customers(&self, mut query: Query) -> Result<Value, Refusal> {
        let filters = Filters::take(&mut query, &["email", "test_clock"])?;
        let render = |account| self.render_customer(account);
        self.page(query, "/v1/customers", "customer", &self.customers, filters, &["customer_account"], |_| true, render)
    }

    pub(super) fn list_products(&self, mut query: Query) -> Result<Value, Refusal> {
        let mut filters = Filters::take(&mut query, &[])?;
        filters.take_choice(&mut query, "active", BOOLEAN)?;
        let wanted: Vec<_> = query.take_list("ids").iter().filter_map(|id| self.products.get(id)).collect();
        let keep = |product| wanted.is_empty() || wanted.contains(&product);
        let render = |product| self.render_product(product);
        let not_served = ["shippable", "url"];
        self.page(query, "/v1/products", "product", &self.products, filters, &not_served, keep, render)
    }

    pub(super) fn list_prices(&self, mut query: Query) -> Result<Value, Refusal> {
        let mut filters = Filters::take(&mut query, &["currency", "product"])?;
        filters.take_choice(&mut query, "active", BOOLEAN)?;
        filters.take_choice(&mut query, "type", &["one_time", "recurring"])?;
        let render = |price| self.render_price(price);
        let not_served = ["lookup_keys", "recurring"];
        self.page(query, "/v1/prices", "price", &self.prices, filters, &not_served, |_| true, render)
    }

    pub(super) fn list_coupons(&self, mut query: Query) -> Result<Value, Refusal> {
        let filters = Filters::take(&mut query, &[])?;
        let render = |coupon| self.render_coupon(coupon);
        self.page(query, "/v1/coupons", "coupon", &self.coupons, filters, &[], |_| true, render)
    }

    /// Ended subscriptions are left out unless they are asked for: that is the trap of this list.
    pub(super) fn list_subscriptions(&self, mut query: Query) -> Result<Value, Refusal> {
        let mut filters = Filters::take(&mut query, &["customer", "price", "test_clock"])?;
        filters.take_choice(&mut query, "collection_method", COLLECTION)?;
        filters.take_choice(&mut query, "status", SUBSCRIPTION_STATUS)?;
        let status = filters.tags.iter().position(|(name, _)| *name == "status").map(|n| filters.tags.remove(n).1);
        let mut wanted: &[&str] = SUBSCRIPTION_STATUS;
        match status.as_deref() {
            Some("all") => {}
            // Ended are the canceled and the never completed.
            Some("ended") => wanted = &["canceled", "incomplete_expired"],
            Some(other) => filters.tags.push(("status", other.into())),
            None => wanted = UNENDED,
        }
        let starts = query.take_range("current_period_start")?;
        let ends = query.take_range("current_period_end")?;
        let within = |range: Option<(i64, i64)>, moment: i64| {
            range.is_none_or(|(since, before)| (since..before).contains(&moment))
        };
        let keep = |of: Of| {
            let subscription = self.subscription(of);
            let period = self.current_period(subscription);
            wanted.contains(&status_of(subscription, &subscription.contract()))
                && within(starts, period.from.0)
                && within(ends, period.to.0)
        };
        let render = |of| self.render_subscription(of);
        let not_served = ["customer_account", "automatic_tax"];
        self.page(query, "/v1/subscriptions", "subscription", &self.subscriptions, filters, &not_served, keep, render)
    }

    pub(super) fn list_invoices(&self, mut query: Query) -> Result<Value, Refusal> {
        let mut filters = Filters::take(&mut query, &["customer", "subscription"])?;
        filters.take_choice(&mut query, "collection_method", COLLECTION)?;
        filters.take_choice(&mut query, "status", INVOICE_STATUS)?;
        let render = |of| self.render_invoice(of);
        let not_served = ["due_date", "customer_account"];
        self.page(query, "/v1/invoices", "invoice", &self.invoices, filters, &not_served, |_| true, render)
    }

    pub(super) fn list_invoice_items(&self, mut query: Query) -> Result<Value, Refusal> {
        let mut filters = Filters::take(&mut query, &["customer", "invoice"])?;
        filters.take_choice(&mut query, "pending", BOOLEAN)?;
        let render = |of| self.render_invoice_item(of);
        let (url, noun) = ("/v1/invoiceitems", "invoiceitem");
        self.page(query, url, noun, &self.invoice_items, filters, &["customer_account"], |_| true, render)
    }

    /// Subscriptions' plans. Those of the plain world have none.
    pub(super) fn list_schedules(&self, mut query: Query) -> Result<Value, Refusal> {
        let mut ranges = Vec::new();
        for field in ["canceled_at", "completed_at", "released_at"] {
            ranges.extend(query.take_range(field)?.map(|range| (field, range)));
        }
        let mut filters = Filters::take(&mut query, &["customer"])?;
        filters.take_choice(&mut query, "scheduled", BOOLEAN)?;
        let keep = |of: Of| {
            let rendered = self.render_schedule(of);
            let within = |(field, (since, before)): &(&str, (i64, i64))| {
                rendered[*field].as_i64().is_some_and(|at| (*since..*before).contains(&at))
            };
            ranges.iter().all(within)
        };
        let render = |of| self.render_schedule(of);
        let (url, noun) = ("/v1/subscription_schedules", "subscription schedule");
        self.page(query, url, noun, &self.schedules, filters, &["customer_account"], keep, render)
    }

    pub(super) fn list_refunds(&self, mut query: Query) -> Result<Value, Refusal> {
        let filters = Filters::take(&mut query, &[])?;
        let render = |of| self.render_refund(of);
        let not_served = ["charge", "payment_intent"];
        self.page(query, "/v1/refunds", "refund", &self.refunds, filters, &not_served, |_| true, render)
    }

    pub(super) fn list_credit_notes(&self, mut query: Query) -> Result<Value, Refusal> {
        let filters = Filters::take(&mut query, &["customer", "invoice"])?;
        let render = |of| self.render_credit_note(of);
        let (url, noun) = ("/v1/credit_notes", "credit note");
        self.page(query, url, noun, &self.credit_notes, filters, &["customer_account"], |_| true, render)
    }

    pub(super) fn list_clocks(&self, mut query: Query) -> Result<Value, Refusal> {
        let paging = Paging::take(&mut query)?;
        query.finish(&[])?;
        let all: Vec<Value> = self.render_clock().into_iter().collect();
        let ids: Vec<String> = all.iter().map(|_| self.ids.clock()).collect();
        let (range, more) = paging.of_nested(&ids, "test_clock")?;
        Ok(list("/v1/test_helpers/test_clocks", all[range].to_vec(), more))
    }

    #[expect(clippy::too_many_arguments, reason = "one list path differs from another in all of these")]
    fn page<T: MaybeOnClock>(
        &self,
        mut query: Query,
        url: &str,
        noun: &str,
        shelf: &Shelf<T>,
        filters: Filters,
        not_served: &[&str],
        keep: impl Fn(T) -> bool,
        render: impl Fn(T) -> Value,
    ) -> Result<Value, Refusal> {
        let paging = Paging::take(&mut query)?;
        query.finish(not_served)?;
        // What is on a test clock shows only to those who ask for the clock or for whom it belongs to.
        let asked = |(name, _): &Tag| ["customer", "subscription", "invoice", "test_clock"].contains(name);
        let asked = filters.tags.iter().any(asked);
        let keep = |object: T| (asked || !object.is_on_clock()) && keep(object);
        let (objects, more) = paging.of_shelf(shelf, noun, &filters.tags, filters.span(shelf), keep)?;
        Ok(list(url, objects.into_iter().map(render).collect(), more))
    }
}
