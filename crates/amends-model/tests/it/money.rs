use amends_model::{Currency, Money};
use amends_testkit::proptest::prelude::*;

fn currency() -> impl Strategy<Value = Currency> {
    prop_oneof![Just("EUR"), Just("JPY"), Just("KWD")]
        .prop_map(|code| Currency::parse(code).unwrap())
}

proptest! {
    #[test]
    fn every_amount_reads_what_it_prints(minor in -i64::MAX..=i64::MAX, currency in currency()) {
        let money = Money { minor, currency };
        let printed = money.to_string();
        let number = printed.split(' ').next().unwrap();
        prop_assert_eq!(Money::parse(number, currency).unwrap(), money);
    }

    #[test]
    fn any_text_is_an_amount_or_a_problem(text in "[-+0-9.,e ]{0,24}", currency in currency()) {
        match Money::parse(&text, currency) {
            Ok(money) => {
                let read: f64 = text.trim().parse().unwrap();
                let scale = 10_f64.powi(currency.digits() as i32);
                prop_assert!((money.minor as f64 / scale - read).abs() <= read.abs() * 1e-15);
            }
            Err(problem) => prop_assert_eq!(problem.code(), "AM0006"),
        }
    }
}

#[test]
fn a_currency_is_three_capital_letters() {
    for wrong in ["", "eur", "EURO", "E1R", "€UR", "€"] {
        assert_eq!(
            Currency::parse(wrong).unwrap_err().code(),
            "AM0005",
            "{wrong}"
        );
    }
    let brazil = Currency::parse("BRL").unwrap();
    assert_eq!(serde_json::to_string(&brazil).unwrap(), "\"BRL\"");
    assert!(serde_json::from_str::<Currency>("\"brl\"").is_err());
}
