//! From a state to what it costs: the price looked up, the amount worked out.

use mrr_connector_sdk::json::Unreadable;
use mrr_connector_sdk::major;
use revenue::calendar::Interval;
use revenue::fact::Problem;
use revenue::money::Currency;
use rust_decimal::Decimal;

use super::contract::Contract;
use super::history::{Change, State};
use crate::model::{Listed, Price, PriceTerms};

/// What a state costs.
pub(super) struct Priced {
    pub(super) product: String,
    pub(super) plan: String,
    pub(super) currency: Currency,
    pub(super) amount: Decimal,
    pub(super) quantity: Decimal,
    pub(super) interval: Interval,
    /// The price, when its amounts include tax.
    taxed: Option<String>,
}

/// What can't be priced, and stands among the problems.
pub(super) struct Unpriced;

/// Prices states of one contract and notes what can't be priced.
pub(super) struct Pricing<'a, 'p> {
    contract: &'a Contract<'a>,
    problems: &'p mut Vec<Problem>,
}

impl<'a, 'p> Pricing<'a, 'p> {
    pub(super) fn of(contract: &'a Contract<'a>, problems: &'p mut Vec<Problem>) -> Self {
        Self { contract, problems }
    }

    /// What a state costs, unless it is no recurring charge; without a word more when it can't be
    /// priced: the problem is noted.
    pub(super) fn price(&mut self, item: &str, state: &State, change: &Change) -> Result<Option<Priced>, Unpriced> {
        match self.priced(item, state) {
            Ok(priced) => {
                if let Some(price) = priced.as_ref().and_then(|priced| priced.taxed.as_ref()) {
                    self.problems.push(Problem {
                        stream: "prices".into(),
                        record: price.clone(),
                        field: "tax_behavior".into(),
                        message: "includes tax, which is not taken out yet; MRR is too high by it".into(),
                    });
                }
                Ok(priced)
            }
            Err(mut problem) => {
                if problem.stream.is_empty() {
                    self.locate(&mut problem, item, state, change);
                }
                problem.message = format!("{}; the charge is left out", problem.message);
                self.problems.push(problem);
                Err(Unpriced)
            }
        }
    }

    fn priced(&self, item: &str, state: &State) -> Result<Option<Priced>, Problem> {
        let book = self.contract.book;
        let price = self.find(item, &state.price)?;
        let (interval, pricings) = match &price.terms {
            PriceTerms::NotRecurring | PriceTerms::Metered { .. } => return Ok(None),
            PriceTerms::Unsupported(how) => {
                return Err(here(format!("the price {} is {how}, which is not read yet", price.id)));
            }
            PriceTerms::Licensed { interval, pricings } => (*interval, pricings),
        };
        let billed = state.currency.or(self.contract.known.and_then(|known| known.newest().currency));
        let known = pricings.iter().find(|listed| billed.is_none_or(|billed| billed == listed.currency));
        let Some(Listed { currency, pricing, includes_tax }) = known else {
            let billed = billed.map(|currency| currency.to_string()).unwrap_or_default();
            return Err(here(format!("the price {} has no amount in {billed}", price.id)));
        };
        let exponent = book.exponents.of(*currency).ok_or_else(|| here(no_decimals(*currency)))?;
        let minor = pricing.amount(state.quantity).map_err(|error| here(format!("the price {}: {error}", price.id)))?;
        let amount = major(minor, exponent)
            .ok_or_else(|| here(format!("the price {} times its quantity is too large to be kept", price.id)))?;
        Ok(Some(Priced {
            product: price.product.clone(),
            plan: book.plan(&price.product).to_owned(),
            currency: *currency,
            amount,
            quantity: state.quantity,
            interval,
            taxed: (*includes_tax && !amount.is_zero()).then(|| price.id.clone()),
        }))
    }

    /// The price among the references, which alone has other currencies, else the one that is
    /// or was embedded in an item.
    fn find(&self, item: &str, id: &str) -> Result<&'a Price, Problem> {
        match (self.contract.book.price(id), self.contract.embedded_price(id)) {
            (Some(Ok(price)), _) | (_, Some(price)) => Ok(price),
            (Some(Err(Unreadable { path, message })), None) => Err(Problem {
                stream: "prices".into(),
                record: id.to_owned(),
                field: path.clone(),
                message: message.clone(),
            }),
            (None, None) => Err(here(format!("the price {id} of item {item} is not among the prices"))),
        }
    }

    /// Puts a problem where somebody would look for it: at the present item, else at the record
    /// that says the item had this price.
    fn locate(&self, problem: &mut Problem, item: &str, state: &State, change: &Change) {
        let present = self.contract.present(item).filter(|present| present.price.id == state.price);
        let origin = change.origins.first().and_then(|origin| origin.split_once('/'));
        let (stream, record, field) = match (present, origin) {
            (Some(present), _) => ("subscriptions", self.contract.id, format!("{}.price", present.path)),
            (None, Some((stream, record))) => {
                let mut lines = self.contract.bills.lines.iter();
                let line = lines.find(|line| change.origins.first() == Some(&line.origin) && line.price == state.price);
                let path = line.map(|line| line.path.as_str()).unwrap_or_default();
                let dot = if path.is_empty() { "" } else { "." };
                (stream, record, format!("{path}{dot}pricing.price_details.price"))
            }
            (None, None) => ("subscriptions", self.contract.id, String::new()),
        };
        problem.stream = stream.to_owned();
        problem.record = record.to_owned();
        problem.field = field;
    }
}

pub(super) fn no_decimals(currency: Currency) -> String {
    format!("{currency} is in no table of Stripe's decimals: add it to `currency_exponents`")
}

/// A problem whose place is filled in later.
fn here(message: String) -> Problem {
    Problem { stream: String::new(), record: String::new(), field: String::new(), message }
}
