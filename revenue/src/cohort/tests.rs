use proptest::prelude::*;

use super::*;

/// The terms as lines of `position dimension|value|value`, or the error.
fn shown(text: &str) -> String {
    let shown = |term: &Term| {
        let name = match &term.dimension {
            Dimension::Attribute(name) => format!("attribute {name}"),
            other => other.word().to_owned(),
        };
        format!("{} {}", term.position, [&[name], &term.values[..]].concat().join("|"))
    };
    match parse(text) {
        Ok(terms) => terms.iter().map(shown).collect::<Vec<_>>().join(" & "),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_cohort_is_read_as_it_is_written() {
    for (text, expect) in [
        ("all", "1 all"),
        (" ALL ", "2 all"),
        ("plan:Pro", "1 plan|Pro"),
        (" Plan : Pro , team solo ", "2 plan|Pro|team solo"),
        ("plan:Pro and country:DE", "1 plan|Pro & 14 attribute country|DE"),
        ("plan:Pro;country:DE ; csm:Ana", "1 plan|Pro & 10 attribute country|DE & 23 attribute csm|Ana"),
        ("plan:Pro\nAND\tcountry:DE", "1 plan|Pro & 14 attribute country|DE"),
        ("plan:Land and Sand", "1 plan|Land & 15 cohort|Sand"),
        ("plan:\"Land and Sand\"", "1 plan|Land and Sand"),
        ("plan:Android,and", "1 plan|Android|and"),
        ("csm:\"Ana, Maria\"", "1 attribute csm|Ana, Maria"),
        ("csm:\"Ana \"\"Mia\"\" Roth\",Zoë", "1 attribute csm|Ana \"Mia\" Roth|Zoë"),
        ("attr.\"my field\":x", "1 attribute my field|x"),
        ("ATTR.Tier:x", "1 attribute Tier|x"),
        ("attr.a.b:x", "1 attribute a.b|x"),
        ("\"plan\":x", "1 attribute plan|x"),
        ("attr.plan:x", "1 attribute plan|x"),
        ("\"a:b\":\"\"", "1 attribute a:b|"),
        ("key accounts", "1 cohort|key accounts"),
        ("\"all\"", "1 cohort|all"),
        ("cohort:key accounts,others", "1 cohort|key accounts|others"),
        ("signup:2025,2024-q2 and all", "1 signup|[2025-01-01,2026-01-01)|[2024-04-01,2024-07-01) & 25 all"),
        ("plan:it's; country:DE", "1 plan|it's & 12 attribute country|DE"),
    ] {
        assert_eq!(shown(text), expect, "{text}");
    }
}

#[test]
fn a_mistake_is_named_with_its_place() {
    for (text, expect) in [
        ("", "the cohort is empty"),
        (" \n", "the cohort is empty"),
        ("and", "the cohort has no term at position 1"),
        ("plan:Pro and", "the cohort has no term at position 13"),
        ("plan:Pro;;csm:Ana", "the cohort has no term at position 10"),
        ("plan:Pro and and csm:Ana", "the cohort has no term at position 14"),
        (":Pro", "the cohort has no dimension before the colon at position 1"),
        ("attr.:Pro", "the cohort has no dimension before the colon at position 1"),
        ("\"\":Pro", "the cohort has no dimension before the colon at position 1"),
        ("plan:", "plan has no value at position 6 of the cohort"),
        ("segment: and csm:Ana", "segment has no value at position 10 of the cohort"),
        ("plan:Pro,,Solo", "plan has no value at position 10 of the cohort"),
        ("plan:Pro,", "plan has no value at position 10 of the cohort"),
        ("attr.\"my field\"", "my field has no value at position 16 of the cohort"),
        ("csm:\"Ana", "the quote at position 5 of the cohort is not closed"),
        ("csm:\"Ana\"\"", "the quote at position 5 of the cohort is not closed"),
        ("plan:5\" disk", "stray quote at position 7 of the cohort"),
        ("plan:attr.\"x\"", "stray quote at position 11 of the cohort"),
        ("csm:\"Ana\" \"Mia\"", "stray quote at position 11 of the cohort"),
        ("csm:\"Ana\" Mia", "stray text after the quote before position 11 of the cohort"),
        ("csm:\"Ana\"and plan:Pro", "stray text after the quote before position 10 of the cohort"),
        ("plan:Pro country:DE", "stray colon at position 17 of the cohort"),
        ("Pro,Solo", "stray comma at position 4 of the cohort"),
        ("signup:2025-13", "signup period \"2025-13\" at position 8 of the cohort can't be read"),
        ("signup:2025-01-01", "signup period \"2025-01-01\" at position 8 of the cohort can't be read"),
    ] {
        assert_eq!(shown(text), expect, "{text}");
        assert!(!parse(text).unwrap_err().hint().is_empty());
    }
}

#[test]
fn there_are_bounds() {
    let terms = |count| vec!["plan:Pro"; count].join(" and ");
    assert_eq!(parse(&terms(32)).unwrap().len(), 32);
    assert_eq!(shown(&terms(33)), "the cohort has more than 32 terms");
    let values = |count| format!("plan:{}; csm:Ana", vec!["Pro"; count].join(","));
    assert_eq!(parse(&values(999)).unwrap().len(), 2);
    assert_eq!(shown(&values(1_000)), "the cohort has more than 1000 values");
    assert_eq!(shown(&values(1_001)), "the cohort has more than 1000 values");
    assert_eq!(shown(&"ö".repeat(1 << 20)), "the cohort has 1048576 characters, more than 100000");
    assert_eq!(parse(&"ö".repeat(100_000)).unwrap().len(), 1);
}

proptest! {
    /// Whatever is written is read or refused, and never a panic.
    #[test]
    fn anything_is_read_or_refused(text in "(and|attr\\.|signup:|[ \":,;.aÄ2-])*") {
        let _ = parse(&text);
    }

    /// Every name and value can be said in quotes.
    #[test]
    fn what_stands_in_quotes_is_read_as_it_is(name in "\\PC+", value in "\\PC*") {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        for text in [format!("{}:{}", quoted(&name), quoted(&value)), format!("attr.{} : {} ", quoted(&name), quoted(&value))] {
            let terms = parse(&text).unwrap();
            prop_assert_eq!(terms.len(), 1);
            prop_assert_eq!(&terms[0].dimension, &Dimension::Attribute(name.clone()));
            prop_assert_eq!(&terms[0].values[..], std::slice::from_ref(&value));
        }
    }
}
