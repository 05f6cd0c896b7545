//! Whether a gateway's own figure is what the catalogue's price makes of the usage: to the last digit
//! of the bill, from the first bill on.

use crate::cost::Money;
use crate::json::json;
use crate::ledger::record::Record;
use serde_json::Value;

/// What is known of a model's bills so far.
#[derive(Default)]
pub(super) struct Watch {
    /// The most decimals that a bill had: a gateway that rounds has no more.
    decimals: u32,
    /// What may explain the bills that were told, as rates of input and output in picodollars a token.
    rates: Vec<(u128, u128)>,
    /// The last bill that differed, to solve for two rates with the next.
    last: Option<Bill>,
    solved: bool,
}

/// A bill that differs: tokens, what they cost by the catalogue, and what was charged, in picodollars.
#[derive(Clone, Copy)]
struct Bill {
    input: u64,
    output: u64,
    listed_input: u128,
    listed: u128,
    charged: u128,
}

impl Bill {
    fn listed_output(self) -> u128 {
        self.listed.saturating_sub(self.listed_input)
    }

    /// What input would have to cost a token, were output as listed, and the other way round.
    fn alone(self) -> (Option<u128>, Option<u128>) {
        let rate = |rest: u128, tokens: u64| {
            self.charged.checked_sub(rest)?.checked_div(u128::from(tokens))
        };
        (rate(self.listed_output(), self.input), rate(self.listed_input, self.output))
    }

    fn explanations(self) -> Vec<(u128, u128)> {
        let each = |cost: u128, tokens: u64| cost / u128::from(tokens.max(1));
        let listed = (each(self.listed_input, self.input), each(self.listed_output(), self.output));
        let times = |rate: u128| rate.saturating_mul(self.charged) / self.listed.max(1);
        let mut found = vec![(times(listed.0), times(listed.1))];
        let (input, output) = self.alone();
        found.extend(input.map(|input| (input, listed.1)));
        found.extend(output.map(|output| (listed.0, output)));
        found
    }
}

const DECIMALS: u32 = 12;

impl Watch {
    /// Takes the next record; gives an alarm where the price is another one than before.
    pub(super) fn add(&mut self, record: &Record) -> Option<Value> {
        let source = record.cost_source.as_deref()?;
        if source != "charged" && source != "header" {
            return None;
        }
        let charged = record.cost?;
        let listed = record.listed?;
        self.decimals = self.decimals.max(decimals(charged));
        let unit = 10u128.pow(DECIMALS.saturating_sub(self.decimals));
        let (charged, listed) = (charged.picodollars(), listed.picodollars());
        // Rounded to the nearest at the bill's last digit, and where that is fine, down or up: that is
        // no other price. A coarse bill that is a whole digit off is.
        let down = listed / unit * unit;
        let nearest = if listed - down >= unit - (listed - down) { down + unit } else { down };
        let fine = unit <= listed / 100 && listed != down;
        let near = charged == down || charged == down + unit;
        if charged == nearest || (fine && near) || listed == 0 {
            return None;
        }
        let bill = Bill {
            input: record.input_tokens.unwrap_or(0),
            output: record.output_tokens.unwrap_or(0),
            listed_input: record.listed_input.map_or(0, Money::picodollars),
            listed,
            charged,
        };
        let solved = self.last.replace(bill).filter(|_| !self.solved);
        let solved = solved.and_then(|before| solve(before, bill));
        // Half a percent is what rounding of an earlier bill may make of a rate.
        let near = |(input, output): &(u128, u128)| {
            let part = |rate: &u128, tokens: u64| rate.saturating_mul(u128::from(tokens));
            let wanted = part(input, bill.input).saturating_add(part(output, bill.output));
            wanted.abs_diff(charged) <= unit.max(charged / 200)
        };
        if solved.is_none() && self.rates.iter().any(near) {
            return None;
        }
        self.solved |= solved.is_some();
        self.rates = match solved {
            Some(rates) => vec![rates],
            None => bill.explanations(),
        };
        Some(alarm(record, bill, solved))
    }
}

/// The decimals of an amount, without zeros at the end.
fn decimals(money: Money) -> u32 {
    let (mut amount, mut found) = (money.picodollars(), DECIMALS);
    while found > 0 && amount.is_multiple_of(10) {
        amount /= 10;
        found -= 1;
    }
    found
}

/// `part` of `whole`, less the whole, in millionths.
fn millionths(part: u128, whole: u128) -> i128 {
    let share = part.saturating_mul(1_000_000) / whole.max(1);
    i128::try_from(share).unwrap_or(i128::MAX / 2) - 1_000_000
}

/// The price of a token, in picodollars (USD per million tokens, times a million), for input and
/// output, by two bills of different mixes; `None` where they do not tell, or one would be negative.
fn solve(one: Bill, other: Bill) -> Option<(u128, u128)> {
    let wide = |value: u128| i128::try_from(value).ok();
    let (a, b) = (i128::from(one.input), i128::from(one.output));
    let (c, d) = (i128::from(other.input), i128::from(other.output));
    let (e, f) = (wide(one.charged)?, wide(other.charged)?);
    let product = |x: i128, y: i128| x.checked_mul(y);
    let whole = product(a, d)? - product(b, c)?;
    // Nearly the same mix tells nothing: rounding would be taken for a price.
    let size = product(a, d)?.abs() + product(b, c)?.abs();
    if whole == 0 || whole.abs().checked_mul(20)? < size {
        return None;
    }
    let input = product(e, d)?.checked_sub(product(b, f)?)? / whole;
    let output = product(a, f)?.checked_sub(product(e, c)?)? / whole;
    Some((u128::try_from(input).ok()?, u128::try_from(output).ok()?))
}

/// A rate in USD per million tokens, as a decimal string: a picodollar a token is a microdollar.
fn per_million(picodollars: u128) -> String {
    Money::from_picodollars(picodollars.saturating_mul(1_000_000)).to_string()
}

fn alarm(record: &Record, bill: Bill, solved: Option<(u128, u128)>) -> Value {
    let percent = |share: i128| {
        let tenths = (share.abs() + 500) / 1000;
        format!("{}{}.{} %", if share < 0 { "-" } else { "+" }, tenths / 10, tenths % 10)
    };
    let share = millionths(bill.charged, bill.listed);
    let (input, output) = bill.alone();
    let explained = json!({
        "bothTimes": percent(share),
        "inputAlone": input.map(per_million),
        "outputAlone": output.map(per_million),
        "twoBills": solved.map(|(input, output)| json!({"input": per_million(input), "output": per_million(output)})),
    });
    let amount = |picodollars: u128| Money::from_picodollars(picodollars).to_string();
    let words = match solved {
        Some((input, output)) => format!(
            "two bills are explained by {} USD per million tokens of input and {} of output",
            per_million(input),
            per_million(output)
        ),
        None => format!(
            "the gateway charged {} USD where the catalogue's price makes {}: {}",
            amount(bill.charged),
            amount(bill.listed),
            percent(share)
        ),
    };
    json!({
        "what": "price",
        "model": record.model,
        "raisedBy": record.id,
        "since": record.id,
        "sinceAt": record.sent_at,
        "records": 1,
        "before": amount(bill.listed),
        "after": amount(bill.charged),
        "kind": null,
        "evidence": null,
        "explained": explained,
        "words": words,
        "advice": "A fee of the gateway, a service tier, or a new price: load a newer catalogue, or merge the gateway's own list.",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(input: u64, output: u64, rates: (u128, u128), charged: &str) -> Record {
        let (input_cost, output_cost) = (u128::from(input) * rates.0, u128::from(output) * rates.1);
        Record {
            id: "r".to_owned(),
            model: "m".to_owned(),
            ending: "completed".to_owned(),
            input_tokens: Some(input),
            output_tokens: Some(output),
            cost: Money::stated(charged),
            cost_source: Some("charged".to_owned()),
            listed: Some(Money::from_picodollars(input_cost + output_cost)),
            listed_input: Some(Money::from_picodollars(input_cost)),
            ..Record::default()
        }
    }

    /// 3 and 15 USD per million tokens.
    const RATES: (u128, u128) = (3_000_000, 15_000_000);

    #[test]
    fn the_first_bill_at_another_price_is_told() {
        // 1,000 in, 200 out: 0.006 listed; at 4 and 15 USD 0.007.
        let mut watch = Watch::default();
        assert!(watch.add(&record(1000, 200, RATES, "0.006")).is_none());
        let alarm = watch.add(&record(1000, 200, RATES, "0.007")).unwrap();
        assert_eq!(alarm["explained"]["inputAlone"], "4");
        assert_eq!(alarm["explained"]["outputAlone"], "20");
        assert_eq!(alarm["explained"]["bothTimes"], "+16.7 %");
        // The same again is no news; another mix tells which rate it is.
        assert!(watch.add(&record(1000, 200, RATES, "0.007")).is_none());
        let alarm = watch.add(&record(100, 900, RATES, "0.0139")).unwrap();
        assert_eq!(alarm["explained"]["twoBills"]["input"], "4");
        assert_eq!(alarm["explained"]["twoBills"]["output"], "15");
    }

    #[test]
    fn rounding_and_noise_are_no_price() {
        let mut watch = Watch::default();
        // 0.006045 listed.
        for charged in ["0.006045", "0.0060450000000000001", "0.00605", "0.00604"] {
            assert!(
                Watch::default().add(&record(1015, 200, RATES, charged)).is_none(),
                "{charged}"
            );
        }
        // A gateway that has shown six decimals does not round to four.
        assert!(watch.add(&record(1015, 200, RATES, "0.006045")).is_none());
        assert!(watch.add(&record(1015, 200, RATES, "0.0061")).is_some());
    }
}
