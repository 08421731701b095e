//! What happened to an account's documents: invoices, invoice items, refunds and credit notes.

use serde_json::Value;

use super::Happening;
use super::scene::Scene;
use crate::billing::{Invoice, Ledger, Proration};
use crate::stripe::expand::Kind;

pub(super) fn compare(before: &Scene, after: &Scene, all: &mut Vec<Happening>) {
    invoice_items(before, after, all);
    let (then, now) = (before.book.ledger(before.account), after.book.ledger(after.account));
    for (n, invoice) in now.invoices.iter().enumerate() {
        let same = |other: &Invoice| key(other) == key(invoice);
        // A new invoice stands behind the older ones, so an old one is nearly always where it was.
        let place = match then.invoices.get(n) {
            Some(other) if same(other) => Some(n),
            _ => then.invoices.iter().position(same),
        };
        if place.is_some_and(|place| then.invoices[place] == *invoice) {
            continue;
        }
        let object = after.book.render_invoice(after.of(n));
        let former = place.map(|place| before.book.render_invoice(before.of(place)));
        self::invoice(former.as_ref(), &object, all);
        let waits = object["status"] == "open" && after.subscriptions[&invoice.subscription]["status"] == "incomplete";
        if former.is_none() && waits {
            all.push(Happening::shown("invoice.payment_failed", Kind::Invoice, &object));
        }
        aftermath(before, after, place, n, all);
    }
}

fn key(invoice: &Invoice) -> (u16, u32) {
    (invoice.subscription, invoice.sequence)
}

fn invoice(former: Option<&Value>, now: &Value, all: &mut Vec<Happening>) {
    let kind = Kind::Invoice;
    let status = now["status"].as_str().unwrap_or_default();
    let mut was = former.cloned();
    if former.is_none() {
        // Within its first second a bill is written, finalized and, mostly, paid; each event shows it as it was then.
        if status == "draft" {
            return all.push(Happening::shown("invoice.created", kind, now));
        }
        let open = unpaid(now, "open");
        all.push(Happening::shown("invoice.created", kind, &drafted(now)));
        all.push(Happening::shown("invoice.finalized", kind, &open));
        was = Some(open);
    }
    let Some(was) = was.filter(|was| was != now) else { return };
    all.push(Happening::changed("invoice.updated", kind, &was, now));
    let special: &[&'static str] = match (was["status"].as_str().unwrap_or_default(), status) {
        (was, now) if was == now => &[],
        (_, "paid") => &["invoice.paid", "invoice.payment_succeeded"],
        ("paid", "open") => &["invoice.payment_failed"],
        (_, "void") => &["invoice.voided"],
        (_, "uncollectible") => &["invoice.marked_uncollectible"],
        ("draft", _) => &["invoice.finalized"],
        _ => &[],
    };
    all.extend(special.iter().map(|event| Happening::shown(event, kind, now)));
}

/// A bill before anybody has tried to collect it.
fn unpaid(now: &Value, status: &str) -> Value {
    let mut bill = now.clone();
    bill["status"] = status.into();
    bill["amount_paid"] = 0.into();
    bill["amount_remaining"] = bill["amount_due"].clone();
    bill["attempt_count"] = 0.into();
    bill["attempted"] = false.into();
    for transition in ["marked_uncollectible_at", "paid_at", "voided_at"] {
        bill["status_transitions"][transition] = Value::Null;
    }
    bill
}

/// A bill before it is final.
fn drafted(now: &Value) -> Value {
    let mut bill = unpaid(now, "draft");
    for field in ["effective_at", "ending_balance", "number", "webhooks_delivered_at"] {
        bill[field] = Value::Null;
    }
    bill["status_transitions"]["finalized_at"] = Value::Null;
    bill
}

/// Invoice items are prorations here. That one has found its invoice is told by no event: Stripe gave up
/// `invoiceitem.updated`.
fn invoice_items(before: &Scene, after: &Scene, all: &mut Vec<Happening>) {
    let (then, now) = (before.book.ledger(before.account), after.book.ledger(after.account));
    let gone = |ledger: &Ledger| ledger.prorations.iter().filter(|proration| proration.deleted.is_some()).count();
    if then.prorations.len() == now.prorations.len() && gone(then) == gone(now) {
        return;
    }
    for (n, proration) in now.prorations.iter().enumerate() {
        let same =
            |other: &Proration| (other.subscription, other.sequence) == (proration.subscription, proration.sequence);
        let object = || after.book.render_invoice_item(after.of(n));
        match then.prorations.iter().find(|other| same(other)) {
            None => all.push(Happening::shown("invoiceitem.created", Kind::InvoiceItem, &object())),
            Some(was) if was.deleted.is_none() && proration.deleted.is_some() => {
                all.push(Happening::shown("invoiceitem.deleted", Kind::InvoiceItem, &object()));
            }
            Some(_) => {}
        }
    }
}

/// Money that went back.
fn aftermath(before: &Scene, after: &Scene, then: Option<usize>, now: usize, all: &mut Vec<Happening>) {
    let invoice = |scene: &Scene, n: usize| scene.book.invoice(scene.of(n)).clone();
    let (former, present) = (then.map(|n| invoice(before, n)), invoice(after, now));
    let shown = |invoice: &Invoice| {
        (invoice.due > 0 && invoice.refunded.is_some(), invoice.due > 0 && invoice.credited.is_some())
    };
    let (was, is) = (former.as_ref().map_or((false, false), shown), shown(&present));
    let mut add = |was: bool, is: bool, kind, names: [&'static str; 2], render: &dyn Fn(&Scene, usize) -> Value| {
        if !is {
            return;
        }
        let object = render(after, now);
        match then.filter(|_| was).map(|n| render(before, n)) {
            None => all.push(Happening::shown(names[0], kind, &object)),
            Some(old) if old != object => all.push(Happening::changed(names[1], kind, &old, &object)),
            Some(_) => {}
        }
    };
    let refund = |scene: &Scene, n| scene.book.render_refund(scene.of(n));
    let credit_note = |scene: &Scene, n| scene.book.render_credit_note(scene.of(n));
    add(was.0, is.0, Kind::Refund, ["refund.created", "refund.updated"], &refund);
    add(was.1, is.1, Kind::CreditNote, ["credit_note.created", "credit_note.updated"], &credit_note);
    // The refund's own events tell the rest; the charge tells it once.
    if is.0 && !was.0 {
        let charge = after.book.render_charge(after.of(now));
        all.push(Happening::shown("charge.refunded", Kind::Charge, &charge));
    }
}
