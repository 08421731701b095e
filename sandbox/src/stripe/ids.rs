//! Stripe's spelling of identifiers: a prefix and letters that tell nothing.

use super::book::InUse;
use crate::billing::Invoice;
use crate::delivery::fold;
use crate::random::{Purpose, mix, splitmix};
use crate::world::Company;
use crate::world::catalogue::{CouponNumber, PriceNumber, ProductNumber};
use crate::world::clock::Moment;

const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Spells the identifiers of one world: the same thing has the same id in every run, however many accounts there are.
#[derive(Clone, Copy, Debug)]
pub struct Ids {
    seed: u64,
}

impl Ids {
    /// The spelling for a world.
    pub fn of(company: &Company) -> Self {
        Self { seed: company.seed }
    }

    /// `acct_…`, the company itself.
    pub fn company(self) -> String {
        self.spell("acct_1", 15, &[1])
    }

    /// `cus_…` of an account: the name that the truth goes by.
    pub fn customer(self, account: u32) -> String {
        self.spell("cus_", 14, &[2, account.into()])
    }

    /// `prod_…`.
    pub fn product(self, product: ProductNumber) -> String {
        self.spell("prod_", 14, &[3, product.0 as u64])
    }

    /// `price_…`.
    pub fn price(self, price: PriceNumber) -> String {
        self.spell("price_1", 23, &[4, price.0 as u64])
    }

    /// Coupons have no prefix.
    pub fn coupon(self, coupon: CouponNumber) -> String {
        self.spell("", 8, &[5, coupon.0 as u64])
    }

    /// `sub_…`.
    pub fn subscription(self, account: u32, subscription: u16) -> String {
        self.spell("sub_1", 23, &[6, account.into(), subscription.into()])
    }

    /// `si_…`.
    pub fn item(self, account: u32, subscription: u16, item: u16) -> String {
        self.spell("si_", 14, &[7, account.into(), subscription.into(), item.into()])
    }

    /// `di_…`: a coupon as attached to one subscription.
    pub fn discount(self, account: u32, subscription: u16) -> String {
        self.spell("di_1", 23, &[8, account.into(), subscription.into()])
    }

    /// `di_…`: any coupon in use. The first of a subscription keeps the id that it has in the plain world.
    pub(super) fn in_use(self, of: InUse) -> String {
        match (of.subscription, of.number) {
            (Some(subscription), 0) => self.discount(of.account, subscription),
            (Some(subscription), number) => {
                self.spell("di_1", 23, &[8, of.account.into(), subscription.into(), number.into()])
            }
            (None, number) => self.spell("di_1", 23, &[13, of.account.into(), number.into()]),
        }
    }

    /// `sub_sched_…`.
    pub fn schedule(self, account: u32, subscription: u16) -> String {
        self.spell("sub_sched_1", 23, &[14, account.into(), subscription.into()])
    }

    /// `re_…`: of an invoice.
    pub fn refund(self, account: u32, subscription: u16, sequence: u32) -> String {
        self.spell("re_3", 23, &[15, account.into(), subscription.into(), sequence.into()])
    }

    /// `ch_…`: by which an invoice was paid. It ends as the invoice's own id does.
    pub(super) fn charge(self, account: u32, invoice: &Invoice) -> String {
        self.invoice(account, invoice.subscription, invoice.sequence).replacen("in_", "ch_", 1)
    }

    /// `pi_…`: likewise.
    pub(super) fn payment_intent(self, account: u32, invoice: &Invoice) -> String {
        self.invoice(account, invoice.subscription, invoice.sequence).replacen("in_", "pi_", 1)
    }

    /// `cn_…`: on an invoice.
    pub fn credit_note(self, account: u32, subscription: u16, sequence: u32) -> String {
        self.spell("cn_1", 23, &[16, account.into(), subscription.into(), sequence.into()])
    }

    /// `in_…`.
    pub fn invoice(self, account: u32, subscription: u16, sequence: u32) -> String {
        self.spell("in_1", 23, &[9, account.into(), subscription.into(), sequence.into()])
    }

    /// `il_…`: the line at a place of an invoice.
    pub fn line(self, account: u32, subscription: u16, sequence: u32, line: usize) -> String {
        self.spell("il_1", 23, &[10, account.into(), subscription.into(), sequence.into(), line as u64])
    }

    /// `ii_…`: a proration.
    pub fn invoice_item(self, account: u32, subscription: u16, sequence: u32) -> String {
        self.spell("ii_1", 23, &[11, account.into(), subscription.into(), sequence.into()])
    }

    /// `evt_…`: what happened to an object in a second.
    pub(super) fn event(self, object: &str, kind: &str, created: Moment) -> String {
        self.spell("evt_1", 23, &[17, fold(object), fold(kind), created.0.unsigned_abs()])
    }

    /// `clock_…`: the one test clock.
    pub(super) fn clock(self) -> String {
        self.spell("clock_1", 23, &[19])
    }

    /// `req_…`: the request that changed an account in a second.
    pub(super) fn request(self, account: u32, at: Moment) -> String {
        self.spell("req_", 14, &[18, account.into(), at.0.unsigned_abs()])
    }

    /// The letters before an account's invoice numbers.
    pub fn invoice_prefix(self, account: u32) -> String {
        self.spell("", 8, &[12, account.into()]).to_uppercase()
    }

    fn spell(self, prefix: &str, length: usize, parts: &[u64]) -> String {
        let mut state = mix(self.seed, Purpose::Identifier, parts);
        let mut id = String::with_capacity(prefix.len() + length);
        id.push_str(prefix);
        let mut bits = 0;
        for n in 0..length {
            if n % 10 == 0 {
                bits = splitmix(&mut state); // Ten letters take 59.5 of 64 bits.
            }
            id.push(char::from(LETTERS[(bits % 62) as usize]));
            bits /= 62;
        }
        id
    }
}
