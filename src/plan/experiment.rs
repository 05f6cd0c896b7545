//! Which arm of an experiment a unit is in: by a hash, so that it stays there.

use crate::chat::{ChatRequest, Content, Message, Role};
use crate::error::{Error, Result};
use crate::prompt::Prompt;
use promptfare_tokenizer::vocabulary::sha256;
use serde::Serialize;
use serde_json::{Map, Value};

/// Arms that are compared on live requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    /// Its name.
    pub id: String,
    /// What is compared, the present way first.
    pub arms: Vec<Arm>,
    /// What the hash begins with; the experiment's name where none is given. Two experiments with the
    /// same salt and names of arms put a unit in the same arm.
    pub salt: String,
}

/// One arm.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// Its name.
    pub name: String,
    /// How many units, beside the other arms' weights.
    pub weight: f64,
    /// The model that takes its requests.
    pub model: Option<String>,
    /// The policy that its requests are routed by.
    pub policy: Option<Value>,
    /// Instructions that stand before its requests.
    pub system: Option<String>,
}

/// Where a unit is in an experiment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Placed {
    /// The experiment's name.
    pub id: String,
    /// The arm's name.
    pub arm: String,
    /// [`Experiment::unit_hash`] of the unit.
    pub unit: String,
}

fn wrong(place: &str, found: &Value, wanted: &str) -> Error {
    let shown: String = found.to_string().chars().take(60).collect();
    Error::invalid_input(format!("{place}: found {shown}, wanted {wanted}"))
}

impl Experiment {
    /// Reads `{ id, arms: [{ name, weight?, model?, policy?, system? }], salt? }`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`], naming the field, the value found and the value wanted.
    pub fn from_value(value: &Value) -> Result<Self> {
        let null = Value::Null;
        let get = |fields: &Map<String, Value>, name: &str| fields.get(name).cloned();
        let fields = value
            .as_object()
            .ok_or_else(|| wrong("experiment", value, "an object of id and arms"))?;
        let text = |fields: &Map<String, Value>, place: &str, name: &str| match get(fields, name)
            .filter(|value| !value.is_null())
        {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(other) => Err(wrong(&format!("{place}.{name}"), &other, "a text")),
        };
        let id = text(fields, "experiment", "id")?
            .ok_or_else(|| wrong("experiment.id", &null, "a text"))?;
        let list = fields.get("arms").and_then(Value::as_array);
        let list = list.filter(|list| (2..=20).contains(&list.len())).ok_or_else(|| {
            wrong("experiment.arms", fields.get("arms").unwrap_or(&null), "2 to 20 arms")
        })?;
        let mut arms: Vec<Arm> = Vec::new();
        for arm in list {
            let place = "experiment.arms";
            let fields =
                arm.as_object().ok_or_else(|| wrong(place, arm, "an object with a name"))?;
            let name = text(fields, place, "name")?
                .ok_or_else(|| wrong("experiment.arms.name", arm, "a text"))?;
            if arms.iter().any(|other| other.name == name) {
                return Err(wrong("experiment.arms.name", &name.into(), "a name of its own"));
            }
            let weight = fields.get("weight").unwrap_or(&null);
            let weight = match weight {
                Value::Null => 1.0,
                other => other
                    .as_f64()
                    .filter(|weight| (0.0..=1e9).contains(weight))
                    .ok_or_else(|| wrong("experiment.arms.weight", other, "a number, 0 or more"))?,
            };
            arms.push(Arm {
                name,
                weight,
                model: text(fields, place, "model")?,
                policy: get(fields, "policy").filter(|policy| !policy.is_null()),
                system: text(fields, place, "system")?,
            });
        }
        if arms.iter().all(|arm| arm.weight <= 0.0) {
            return Err(wrong("experiment.arms.weight", &0.into(), "one above 0"));
        }
        let salt = text(fields, "experiment", "salt")?.unwrap_or_else(|| id.clone());
        Ok(Self { id, arms, salt })
    }

    /// The arm of `unit` (a person, a session): the same each time. Each arm draws a number from the
    /// SHA-256 of salt, arm and unit, and the one with the smallest `-ln(u) / weight` has it (weighted
    /// rendezvous hashing: Thaler and Ravishankar 1998, Schindelhauer and Schomaker 2005): each arm's
    /// share is its weight's; where one weight changes, or an arm comes or goes, units move only to
    /// that arm or from it.
    pub fn assign(&self, unit: &str) -> Option<&Arm> {
        let mut found: Option<(&Arm, f64)> = None;
        for arm in &self.arms {
            if arm.weight <= 0.0 {
                continue;
            }
            let drawn = -even(&[&self.salt, &arm.name, unit]).ln() / arm.weight;
            if found.is_none_or(|(_, least)| drawn < least) {
                found = Some((arm, drawn));
            }
        }
        found.map(|(arm, _)| arm)
    }

    /// Reads a list of experiments; null is none.
    ///
    /// # Errors
    /// As [`Experiment::from_value`].
    pub fn list(value: &Value) -> Result<Vec<Self>> {
        match value {
            Value::Null => Ok(Vec::new()),
            Value::Array(list) => list.iter().map(Self::from_value).collect(),
            other => Err(wrong("experiments", other, "a list of experiments")),
        }
    }

    /// Puts `unit` into an arm, and says so.
    pub fn place(&self, unit: &str) -> Option<(&Arm, Placed)> {
        let arm = self.assign(unit)?;
        let placed =
            Placed { id: self.id.clone(), arm: arm.name.clone(), unit: self.unit_hash(unit) };
        Some((arm, placed))
    }

    /// What stands for `unit` in a record: 12 hexadecimal digits, others in every experiment.
    pub fn unit_hash(&self, unit: &str) -> String {
        let hash = sha256(&[self.salt.as_bytes(), b"\0unit\0", unit.as_bytes()]);
        let mut shown = String::new();
        for byte in hash.iter().take(6) {
            shown.push_str(&format!("{byte:02x}"));
        }
        shown
    }
}

impl Arm {
    /// Puts the arm's instructions above those of `prompt`.
    pub fn instruct_prompt(&self, prompt: &mut Prompt) {
        let Some(system) = &self.system else { return };
        prompt.system = Some(match &prompt.system {
            Some(own) => format!("{system}\n\n{own}"),
            None => system.clone(),
        });
    }

    /// Puts the arm's instructions before `request`, above those that it has.
    pub fn instruct(&self, request: &mut ChatRequest) {
        let Some(system) = &self.system else { return };
        match request.messages.first_mut() {
            Some(Message {
                role: Role::System | Role::Developer,
                content: Content::Text(text),
                ..
            }) => {
                *text = format!("{system}\n\n{text}");
            }
            _ => request.messages.insert(0, Message::text(Role::System, system.as_str())),
        }
    }
}

/// Between 0 and 1, neither of them, from the hash of texts.
fn even(texts: &[&str]) -> f64 {
    let mut parts: Vec<&[u8]> = Vec::new();
    for text in texts {
        parts.push(text.as_bytes());
        parts.push(b"\0");
    }
    let mut number = 0u64;
    for byte in sha256(&parts).iter().take(8) {
        number = number << 8 | u64::from(*byte);
    }
    ((number >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn experiment(weights: &[(&str, f64)]) -> Experiment {
        let arms: Vec<Value> =
            weights.iter().map(|(name, weight)| json!({"name": name, "weight": weight})).collect();
        Experiment::from_value(&json!({"id": "tone", "arms": arms})).unwrap()
    }

    #[test]
    fn shares_are_the_weights() {
        let three = experiment(&[("a", 1.0), ("b", 2.0), ("c", 7.0)]);
        let mut counts = [0u32; 3];
        for unit in 0..20_000 {
            let arm = three.assign(&format!("unit {unit}")).unwrap();
            counts[three.arms.iter().position(|other| other == arm).unwrap()] += 1;
        }
        // Three standard deviations of 20,000 draws.
        for (count, wanted) in counts.into_iter().zip([2000.0, 4000.0, 14_000.0f64]) {
            let deviation = (wanted * (1.0 - wanted / 20_000.0)).sqrt();
            assert!((f64::from(count) - wanted).abs() < 3.0 * deviation, "{counts:?}");
        }
    }

    #[test]
    fn a_changed_weight_moves_only_what_it_must() {
        let before = experiment(&[("a", 1.0), ("b", 1.0), ("c", 1.0)]);
        let after = experiment(&[("a", 1.0), ("b", 2.0), ("c", 1.0)]);
        let fewer = experiment(&[("a", 1.0), ("c", 1.0)]);
        for unit in 0..2000 {
            let unit = unit.to_string();
            let (old, new) = (before.assign(&unit).unwrap(), after.assign(&unit).unwrap());
            assert!(old.name == new.name || new.name == "b");
            assert!(old.name == "b" || fewer.assign(&unit).unwrap().name == old.name);
        }
    }

    /// Assignments are for good: these must not change with a version. The first eight units, as
    /// Python's hashlib and math.log give them (scripts/compare_confseq.py).
    #[test]
    fn assignments_stay() {
        let two = experiment(&[("a", 1.0), ("b", 1.0)]);
        let arms: String =
            (0..16).map(|n| two.assign(&format!("u{n}")).unwrap().name.clone()).collect();
        assert_eq!(arms, "aabaaabbabbbaaab");
    }

    #[test]
    fn instructions_stand_above_those_of_the_request() {
        let arm = |system: &str| {
            let arms = json!([{"name": "a", "system": system}, {"name": "b"}]);
            Experiment::from_value(&json!({"id": "x", "arms": arms})).unwrap().arms.remove(0)
        };
        let mut request =
            ChatRequest::from_value(json!({"messages": [{"role": "user", "content": "Hi"}]}))
                .unwrap();
        arm("Be brief.").instruct(&mut request);
        arm("Be kind.").instruct(&mut request);
        assert_eq!(request.messages.len(), 2);
        assert_eq!(request.messages[0].content.text(), "Be kind.\n\nBe brief.");
    }

    #[test]
    fn what_is_no_experiment_is_refused() {
        for bad in [
            json!(1),
            json!({"arms": [{"name": "a"}, {"name": "b"}]}),
            json!({"id": "x", "arms": [{"name": "a"}]}),
            json!({"id": "x", "arms": [{"name": "a"}, {"name": "a"}]}),
            json!({"id": "x", "arms": [{"name": "a", "weight": -1}, {"name": "b"}]}),
            json!({"id": "x", "arms": [{"name": "a", "weight": 0}, {"name": "b", "weight": 0}]}),
        ] {
            let error = Experiment::from_value(&bad).unwrap_err();
            assert!(error.message().starts_with("experiment"), "{error}");
        }
    }
}
