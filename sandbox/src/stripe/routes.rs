//! From a path and a query to an answer.

use serde_json::Value;

use super::book::{Book, Of};
use super::expand::{self, Shape};
use super::filters::{BOOLEAN, COLLECTION, Filters, INVOICE_STATUS, SUBSCRIPTION_STATUS};
use super::page::{Paging, list};
use super::query::Query;
use super::refusal::Refusal;
use super::shelf::Shelf;

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

    fn expanded(
        &self,
        mut answer: Value,
        shape: Shape,
        expansions: &[String],
    ) -> Result<Value, Refusal> {
        for path in expansions {
            expand::expand(self, &mut answer, shape, path)?;
        }
        Ok(answer)
    }

    fn listed(
        &self,
        noun: &str,
        path: &str,
        query: Query,
    ) -> Result<(Value, expand::Kind), Refusal> {
        use expand::Kind;
        match noun {
            "customers" => Ok((self.list_customers(query)?, Kind::Customer)),
            "products" => Ok((self.list_products(query)?, Kind::Product)),
            "prices" => Ok((self.list_prices(query)?, Kind::Price)),
            "coupons" => Ok((self.list_coupons(query)?, Kind::Coupon)),
            "subscriptions" => Ok((self.list_subscriptions(query)?, Kind::Subscription)),
            "invoices" => Ok((self.list_invoices(query)?, Kind::Invoice)),
            "invoiceitems" => Ok((self.list_invoice_items(query)?, Kind::InvoiceItem)),
            "subscription_schedules" => Ok((self.list_schedules(query)?, Kind::Schedule)),
            _ => Err(Refusal::unknown_path(path)),
        }
    }

    fn retrieved(&self, noun: &str, id: &str, path: &str) -> Result<(Value, Shape), Refusal> {
        use expand::Kind;
        let (kind, noun) = match noun {
            "customers" => (Kind::Customer, "customer"),
            "products" => (Kind::Product, "product"),
            "prices" => (Kind::Price, "price"),
            "coupons" => (Kind::Coupon, "coupon"),
            "subscriptions" => (Kind::Subscription, "subscription"),
            "invoices" => (Kind::Invoice, "invoice"),
            "invoiceitems" => (Kind::InvoiceItem, "invoiceitem"),
            "subscription_schedules" => (Kind::Schedule, "subscription schedule"),
            _ => return Err(Refusal::unknown_path(path)),
        };
        let object = self
            .find(kind, id)
            .ok_or_else(|| Refusal::missing(noun, id))?;
        Ok((object, Shape::One(kind)))
    }

    fn list_customers(&self, mut query: Query) -> Result<Value, Refusal> {
        let filters = Filters::take(&mut query, &["email"])?;
        let render = |account| self.render_customer(account);
        self.page(
            query,
            "/v1/customers",
            "customer",
            &self.customers,
            filters,
            &["test_clock"],
            |_| true,
            render,
        )
    }

    fn list_products(&self, mut query: Query) -> Result<Value, Refusal> {
        let mut filters = Filters::take(&mut query, &[])?;
        filters.take_choice(&mut query, "active", BOOLEAN)?;
        let wanted: Vec<_> = query
            .take_list("ids")
            .iter()
            .filter_map(|id| self.products.get(id))
            .collect();
        let keep = |product| wanted.is_empty() || wanted.contains(&product);
        let render = |product| self.render_product(product);
        let not_served = ["shippable", "url"];
        self.page(
            query,
            "/v1/products",
            "product",
            &self.products,
            filters,
            &not_served,
            keep,
            render,
        )
    }

    fn list_prices(&self, mut query: Query) -> Result<Value, Refusal> {
        let mut filters = Filters::take(&mut query, &["currency", "product"])?;
        filters.take_choice(&mut query, "active", BOOLEAN)?;
        filters.take_choice(&mut query, "type", &["one_time", "recurring"])?;
        let render = |price| self.render_price(price);
        let not_served = ["lookup_keys", "recurring"];
        self.page(
            query,
            "/v1/prices",
            "price",
            &self.prices,
            filters,
            &not_served,
            |_| true,
            render,
        )
    }

    fn list_coupons(&self, mut query: Query) -> Result<Value, Refusal> {
        let filters = Filters::take(&mut query, &[])?;
        let render = |coupon| self.render_coupon(coupon);
        self.page(
            query,
            "/v1/coupons",
            "coupon",
            &self.coupons,
            filters,
            &[],
            |_| true,
            render,
        )
    }

    /// Ended subscriptions are left out unless they are asked for: that is the trap of this list.
    fn list_subscriptions(&self, mut query: Query) -> Result<Value, Refusal> {
        let mut filters = Filters::take(&mut query, &["customer", "price"])?;
        filters.take_choice(&mut query, "collection_method", COLLECTION)?;
        filters.take_choice(&mut query, "status", SUBSCRIPTION_STATUS)?;
        let status = filters
            .tags
            .iter()
            .position(|(name, _)| *name == "status")
            .map(|n| filters.tags.remove(n).1);
        match status.as_deref() {
            Some("all") => {}
            // Ended are the canceled and the never completed; there are none of the latter here.
            Some("ended") => filters.tags.push(("status", "canceled".into())),
            Some(other) => filters.tags.push(("status", other.into())),
            None => filters.tags.push(("status", "active".into())),
        }
        let starts = query.take_range("current_period_start")?;
        let ends = query.take_range("current_period_end")?;
        let within = |range: Option<(i64, i64)>, moment: i64| {
            range.is_none_or(|(since, before)| (since..before).contains(&moment))
        };
        let keep = |of: Of| {
            let period = self.current_period(self.subscription(of));
            within(starts, period.from.0) && within(ends, period.to.0)
        };
        let render = |of| self.render_subscription(of);
        let not_served = ["test_clock", "customer_account", "automatic_tax"];
        self.page(
            query,
            "/v1/subscriptions",
            "subscription",
            &self.subscriptions,
            filters,
            &not_served,
            keep,
            render,
        )
    }

    fn list_invoices(&self, mut query: Query) -> Result<Value, Refusal> {
        let mut filters = Filters::take(&mut query, &["customer", "subscription"])?;
        filters.take_choice(&mut query, "collection_method", COLLECTION)?;
        filters.take_choice(&mut query, "status", INVOICE_STATUS)?;
        let render = |of| self.render_invoice(of);
        let not_served = ["due_date", "customer_account"];
        self.page(
            query,
            "/v1/invoices",
            "invoice",
            &self.invoices,
            filters,
            &not_served,
            |_| true,
            render,
        )
    }

    fn list_invoice_items(&self, mut query: Query) -> Result<Value, Refusal> {
        let mut filters = Filters::take(&mut query, &["customer", "invoice"])?;
        filters.take_choice(&mut query, "pending", BOOLEAN)?;
        let render = |of| self.render_invoice_item(of);
        let (url, noun) = ("/v1/invoiceitems", "invoiceitem");
        self.page(
            query,
            url,
            noun,
            &self.invoice_items,
            filters,
            &["customer_account"],
            |_| true,
            render,
        )
    }

    /// The world has no schedules yet, so the list is empty whatever the filter.
    fn list_schedules(&self, mut query: Query) -> Result<Value, Refusal> {
        for range in ["canceled_at", "completed_at", "released_at"] {
            query.take_range(range)?;
        }
        let mut filters = Filters::take(&mut query, &["customer"])?;
        filters.take_choice(&mut query, "scheduled", BOOLEAN)?;
        let none: Shelf<()> = Shelf::new(Vec::new());
        let (url, noun) = ("/v1/subscription_schedules", "subscription schedule");
        self.page(
            query,
            url,
            noun,
            &none,
            filters,
            &["customer_account"],
            |()| true,
            |()| Value::Null,
        )
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one list path differs from another in all of these"
    )]
    fn page<T: Copy>(
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
        let (objects, more) =
            paging.of_shelf(shelf, noun, &filters.tags, filters.span(shelf), keep)?;
        Ok(list(url, objects.into_iter().map(render).collect(), more))
    }

    fn subscription_items(
        &self,
        mut query: Query,
        expansions: &[String],
    ) -> Result<Value, Refusal> {
        let id = query
            .take("subscription")
            .ok_or_else(|| Refusal::missing_parameter("subscription"))?;
        let paging = Paging::take(&mut query)?;
        query.finish(&[])?;
        let missing = || Refusal::missing_cursor("subscription", "subscription", &id);
        let of = self.subscriptions.get(&id).ok_or_else(missing)?;
        let subscription = self.subscription(of);
        let contract = subscription.contract();
        let item_id = |number| self.ids.item(of.account, subscription.number, number);
        let ids: Vec<String> = contract
            .items
            .iter()
            .map(|item| item_id(item.number))
            .collect();
        let (range, more) = paging.of_nested(&ids, "subscription_item")?;
        let data = contract.items[range]
            .iter()
            .map(|item| self.render_item(of, item))
            .collect();
        let page = list("/v1/subscription_items", data, more);
        self.expanded(
            page,
            Shape::List(expand::Kind::SubscriptionItem),
            expansions,
        )
    }

    fn invoice_lines(
        &self,
        id: &str,
        mut query: Query,
        expansions: &[String],
    ) -> Result<Value, Refusal> {
        let paging = Paging::take(&mut query)?;
        query.finish(&[])?;
        let of = self
            .invoices
            .get(id)
            .ok_or_else(|| Refusal::missing("invoice", id))?;
        let invoice = self.invoice(of);
        let line_id = |n| {
            self.ids
                .line(of.account, invoice.subscription, invoice.sequence, n)
        };
        let ids: Vec<String> = (0..invoice.lines.len()).map(line_id).collect();
        let (range, more) = paging.of_nested(&ids, "line item")?;
        let data = range.map(|n| self.render_line(of, n)).collect();
        let page = list(&format!("/v1/invoices/{id}/lines"), data, more);
        self.expanded(page, Shape::List(expand::Kind::Line), expansions)
    }
}
