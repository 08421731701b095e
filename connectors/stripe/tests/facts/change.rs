//! Prices and quantities that change within and between periods.

use serde_json::{Value, json};

use super::build::*;
use super::case::*;

#[test]
fn changes_within_a_period() {
    let active = |items: Vec<Value>| subscription("active", "2025-01-01", items, json!({}));
    let day = ("2025-02-16", "2025-03-01");
    let [jan, feb, mar, apr] = cycles("team_m", 1).try_into().unwrap();
    let [_, _, mar2, apr2] = <[Value; 4]>::try_from(cycles("team_m", 2)).unwrap();
    check(Case {
        name: "a new subscription",
        subscription: active(now("team_m", 1)),
        invoices: vec![jan.clone(), feb.clone(), mar.clone(), apr.clone()],
        pending: vec![],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-04-10, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
    });
    let seat_up = [credit("si_1", "team_m", 1, day), debit("si_1", "team_m", 2, day)];
    let with_cycle =
        invoice("in_mar", "2025-03-01", vec![seat_up[0].clone(), seat_up[1].clone(), period("si_1", "team_m", 2, MAR)]);
    let seat_charges = vec![
        "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-16, invoice",
        "si_1 Team 2 = 20 EUR / 1 month, 2025-02-16 to 2025-04-10, invoice",
        "si_1 Team 2 = 20 EUR / 1 month, 2025-04-10 to ..., observed",
    ];
    check(Case {
        name: "a seat in mid-period, billed with the next cycle",
        subscription: active(now("team_m", 2)),
        invoices: vec![jan.clone(), feb.clone(), with_cycle, apr2.clone()],
        pending: vec![],
        charges: seat_charges.clone(),
    });
    check(Case {
        name: "a seat in mid-period, billed at once",
        subscription: active(now("team_m", 2)),
        invoices: vec![
            jan.clone(),
            feb.clone(),
            invoice("in_up", "2025-02-16", seat_up.to_vec()),
            mar2.clone(),
            apr2.clone(),
        ],
        pending: vec![],
        charges: seat_charges.clone(),
    });
    check(Case {
        name: "the invoice item of a line that was billed is used once",
        subscription: active(now("team_m", 2)),
        invoices: vec![
            jan.clone(),
            feb.clone(),
            invoice(
                "in_up",
                "2025-02-16",
                seat_up
                    .iter()
                    .enumerate()
                    .map(|(index, line)| {
                        let mut line = line.clone();
                        line["parent"]["subscription_item_details"]["invoice_item"] = json!(format!("ii_{index}"));
                        line
                    })
                    .collect(),
            ),
            mar2.clone(),
            apr2.clone(),
        ],
        pending: seat_up
            .iter()
            .enumerate()
            .map(|(index, line)| pending(&format!("ii_{index}"), line.clone()))
            .collect(),
        charges: seat_charges.clone(),
    });
    let april = ("2025-04-05T10:00:00", "2025-05-01");
    let waiting =
        vec![pending("ii_1", credit("si_1", "team_m", 1, april)), pending("ii_2", debit("si_1", "team_m", 4, april))];
    check(Case {
        name: "a change whose prorations wait for the next invoice",
        subscription: active(now("team_m", 4)),
        invoices: vec![jan.clone(), feb.clone(), mar.clone(), apr.clone()],
        pending: waiting,
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-04-05T10:00:00, invoice",
            "si_1 Team 4 = 40 EUR / 1 month, 2025-04-05T10:00:00 to 2025-04-10, invoice",
            "si_1 Team 4 = 40 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
    });
    check(Case {
        name: "an upgrade to another price of the same interval",
        subscription: active(now("pro_m", 1)),
        invoices: vec![
            jan.clone(),
            feb.clone(),
            invoice(
                "in_mar",
                "2025-03-01",
                vec![credit("si_1", "team_m", 1, day), debit("si_1", "pro_m", 1, day), period("si_1", "pro_m", 1, MAR)],
            ),
        ],
        pending: vec![],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-16, invoice",
            "si_1 Pro 1 = 30 EUR / 1 month, 2025-02-16 to 2025-04-10, invoice",
            "si_1 Pro 1 = 30 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
    });
    let (early, late) = (("2025-02-10", "2025-03-01"), ("2025-02-20", "2025-03-01"));
    check(Case {
        name: "several changes in one period, two of them in one second, in no order",
        subscription: active(now("team_m", 5)),
        invoices: vec![
            jan.clone(),
            feb.clone(),
            invoice(
                "in_mar",
                "2025-03-01",
                vec![
                    debit("si_1", "team_m", 5, late),
                    debit("si_1", "team_m", 3, early),
                    credit("si_1", "team_m", 4, late),
                    debit("si_1", "team_m", 4, late),
                    credit("si_1", "team_m", 3, late),
                    credit("si_1", "team_m", 1, early),
                    period("si_1", "team_m", 5, MAR),
                ],
            ),
        ],
        pending: vec![],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-10, invoice",
            "si_1 Team 3 = 30 EUR / 1 month, 2025-02-10 to 2025-02-20, invoice",
            "si_1 Team 5 = 50 EUR / 1 month, 2025-02-20 to 2025-04-10, invoice",
            "si_1 Team 5 = 50 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
    });
    check(Case {
        name: "there and back within a second is no change",
        subscription: active(now("team_m", 1)),
        invoices: vec![
            jan.clone(),
            feb.clone(),
            invoice(
                "in_mar",
                "2025-03-01",
                vec![
                    credit("si_1", "team_m", 1, day),
                    debit("si_1", "team_m", 2, day),
                    credit("si_1", "team_m", 2, day),
                    debit("si_1", "team_m", 1, day),
                    period("si_1", "team_m", 1, MAR),
                ],
            ),
        ],
        pending: vec![],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-04-10, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
    });
    check(Case {
        name: "from free to paid: the credit is of nothing and has no sign",
        subscription: active(now("team_m", 1)),
        invoices: vec![
            invoice("in_jan", "2025-01-01", vec![period("si_1", "free_m", 1, JAN)]),
            invoice("in_feb", "2025-02-01", vec![period("si_1", "free_m", 1, FEB)]),
            invoice(
                "in_mar",
                "2025-03-01",
                vec![debit("si_1", "team_m", 1, day), with(credit("si_1", "free_m", 1, day), json!({"amount": 0}))],
            ),
        ],
        pending: vec![],
        charges: vec![
            "si_1 Team 1 = 0 EUR / 1 month, 2025-01-01 to 2025-02-16, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-02-16 to 2025-04-10, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
    });
    check(Case {
        name: "a change without proration shows at the next cycle",
        subscription: active(now("team_m", 3)),
        invoices: vec![
            jan.clone(),
            feb.clone(),
            mar.clone(),
            invoice("in_apr", "2025-04-01", vec![period("si_1", "team_m", 3, APR)]),
        ],
        pending: vec![],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-03-01, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-03-01 to 2025-03-16T12:00:00, projected",
            "si_1 Team 3 = 30 EUR / 1 month, 2025-03-16T12:00:00 to 2025-04-01, projected",
            "si_1 Team 3 = 30 EUR / 1 month, 2025-04-01 to 2025-04-10, invoice",
            "si_1 Team 3 = 30 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
    });
    check(Case {
        name: "a change that only the subscription shows came some time before it was seen",
        subscription: active(now("team_m", 7)),
        invoices: vec![jan, feb, mar, apr],
        pending: vec![],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-04-01, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-04-01 to 2025-04-05T12:00:00, projected",
            "si_1 Team 7 = 70 EUR / 1 month, 2025-04-05T12:00:00 to 2025-04-10, projected",
            "si_1 Team 7 = 70 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
    });
}
