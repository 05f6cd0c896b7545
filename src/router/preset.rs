//! The fourteen uses that the comparison of a deep and a fast tier names, each with the tier that it
//! is sent to (seven and seven) and how much hangs on an answer there.

use super::policy::Criticality;

/// A use of the fourteen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset(usize);

/// Name, in words, how much hangs on it. A stated criticality stands above; on a fast use, signals
/// found in a prompt are told but do not raise it.
const LIST: [(&str, &str, Criticality); 14] = [
    ("scientific-research", "scientific research and data analysis", Criticality::Critical),
    ("strategy", "strategy and forecasting", Criticality::Important),
    ("software-design", "advanced software design and debugging", Criticality::Important),
    ("legal-medical", "legal and medical documents", Criticality::Critical),
    ("creative-writing", "long or nuanced creative writing", Criticality::Important),
    ("tutoring", "tutoring", Criticality::Important),
    ("financial-risk", "financial risk and fraud", Criticality::Critical),
    ("customer-support", "customer support", Criticality::Ordinary),
    ("moderation", "moderation and filtering", Criticality::Ordinary),
    ("routine-content", "routine content", Criticality::Ordinary),
    ("developer-productivity", "developer productivity", Criticality::Ordinary),
    ("extraction-summary", "extraction and summaries", Criticality::Ordinary),
    ("workflow-automation", "workflow automation", Criticality::Ordinary),
    ("recommendations", "recommendations", Criticality::Ordinary),
];

impl Preset {
    /// Every preset: the seven of the deep tier, then the seven of the fast one.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..LIST.len()).map(Self)
    }

    /// Finds one by its stable name, e.g. `"customer-support"`.
    pub fn by_name(name: &str) -> Option<Self> {
        LIST.iter().position(|(known, ..)| *known == name).map(Self)
    }

    /// The stable name.
    pub fn name(self) -> &'static str {
        LIST.get(self.0).map_or("", |(name, ..)| name)
    }

    /// In words.
    pub fn title(self) -> &'static str {
        LIST.get(self.0).map_or("", |(_, title, _)| title)
    }

    /// How much hangs on an answer in this use.
    pub fn criticality(self) -> Criticality {
        LIST.get(self.0).map_or(Criticality::Ordinary, |(.., criticality)| *criticality)
    }

    /// Whether it is sent to the deep tier.
    pub fn is_deep(self) -> bool {
        self.criticality() != Criticality::Ordinary
    }

    /// All names, for messages.
    pub(super) fn names() -> String {
        let names: Vec<&str> = LIST.iter().map(|(name, ..)| *name).collect();
        format!("one of {}", names.join(", "))
    }
}
