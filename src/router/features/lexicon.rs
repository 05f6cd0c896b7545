//! Small word lists of our own: fields of knowledge and the words that shape a task. They are
//! English, like the outcomes that the score was trained on; in other languages the signs that do
//! not depend on words (numbers, code, tools, shape) and [`crate::router::stakes`] remain.

use crate::sort::sort;
use std::sync::OnceLock;

/// What a word speaks of. The discriminant is the index in [`Hits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Class {
    Law,
    Medicine,
    Biology,
    Chemistry,
    Physics,
    Engineering,
    Economics,
    Business,
    Psychology,
    History,
    Politics,
    Logic,
    Ethics,
    Religion,
    Computing,
    Earth,
    Society,
    Negation,
    NumberWord,
    Multiplier,
    Rate,
    Comparison,
    TimeUnit,
    PhysicalUnit,
    Money,
    Hypothesis,
    Explanation,
    Creation,
    Extraction,
    Programming,
    Constraint,
    Sequence,
    FirstPerson,
    Quantifier,
    Combinatorics,
    NumberTheory,
    Geometry,
    Analysis,
    Statistics,
    Stop,
    Judgement,
    Structure,
    Optimum,
    Quantity,
    Person,
    Interrogative,
    Conjunction,
    English,
}

/// The number of classes.
pub(super) const CLASSES: usize = 48;

/// How often words of each class occur.
pub(super) type Hits = [u32; CLASSES];

/// Word lists; a word may stand in several.
const LISTS: [(Class, &str); CLASSES] = [
    (
        Class::Law,
        "law laws legal court courts judge jury plaintiff defendant statute statutory contract \
         contracts tort liability liable negligence negligent criminal crime crimes murder robbery \
         burglary larceny felony misdemeanor trial appeal appeals evidence testimony testify witness \
         hearsay constitutional constitution amendment jurisdiction property deed landlord tenant \
         lease conveyance easement covenant mortgage attorney lawyer counsel prosecution prosecutor \
         convicted guilty lawsuit sue sued suing damages breach remedy injunction treaty treaties \
         sovereign arrest arrested warrant police estate heirs devise granted admissible \
         inadmissible privilege due clause ordinance regulation trespass assault battery consent",
    ),
    (
        Class::Medicine,
        "patient patients disease diseases symptom symptoms diagnosis treatment therapy medical \
         medicine clinical physician doctor nurse hospital surgery surgical drug drugs dose dosage \
         infection infected chronic acute pain fever blood pressure pulse cancer tumor carcinoma \
         syndrome disorder lesion cardiac heart lung renal kidney liver hepatic pulmonary artery \
         arterial vein venous nerve muscle bone fracture anemia diabetes insulin pregnancy pregnant \
         prenatal fetal mg examination biopsy serum plasma urine antibiotic antibiotics vaccine \
         virus viral bacterial hiv aids nutrition vitamin vitamins diet dietary obesity bmi aging \
         elderly anatomy abdominal thoracic cranial ventricle aorta prescribed inflammation pathology",
    ),
    (
        Class::Biology,
        "cell cells cellular gene genes genetic genome dna rna protein proteins enzyme enzymes \
         membrane species organism organisms evolution evolutionary natural selection population \
         mutation allele alleles chromosome chromosomes mitosis meiosis photosynthesis respiration \
         atp mitochondria bacteria plant plants animal animals ecosystem predator prey habitat \
         inheritance dominant recessive phenotype genotype transcription translation ribosome \
         nucleus amino receptor hormone hormones fossil fossils primate primates ancestor mammal \
         mammals embryo tissue tissues biological biology ecological reproductive sperm egg eggs",
    ),
    (
        Class::Chemistry,
        "chemical chemistry reaction reactions molecule molecules molecular atom atoms atomic ion \
         ions ionic bond bonds bonding covalent acid acids acidic base bases ph buffer solution \
         solvent solute concentration molar molarity mole moles oxidation reduction oxidized reduced \
         electron electrons orbital orbitals element elements compound compounds oxide hydrogen \
         oxygen carbon nitrogen sodium chloride sulfur catalyst equilibrium titration precipitate \
         enthalpy entropy gibbs isotope isotopes isomer polymer organic alkane spectrum nmr \
         stoichiometry aqueous gas liquid solid boiling melting periodic grams hydroxide",
    ),
    (
        Class::Physics,
        "force forces mass velocity acceleration momentum energy kinetic potential gravity \
         gravitational friction newton newtons wave waves wavelength frequency amplitude light lens \
         mirror refraction electric magnetic field charge charged current voltage resistance photon \
         quantum relativity particle particles neutron proton nuclear radioactive decay thermal \
         heat temperature thermodynamic pressure collision spring pendulum orbit rotational torque \
         inertia motion speed joules watts optical laser radiation physics object projectile friction \
         capacitor inductor conductor insulator fluid density buoyant vacuum",
    ),
    (
        Class::Engineering,
        "circuit circuits transistor diode amplifier transformer generator motor armature impedance \
         inductance capacitance resistor resistors signal signals filter bandwidth modulation \
         antenna load stress strain beam shaft turbine compressor boiler pump pipe flow reynolds \
         viscosity nozzle steam refrigerant cylinder piston engine gear steel concrete soil \
         reinforced weld control feedback transfer steady binary logic gate register microprocessor \
         volts amperes ohms kw hp psia btu lbm lbf winding coil rotor stator hydraulic",
    ),
    (
        Class::Economics,
        "demand supply price prices elasticity elastic inelastic equilibrium market markets monopoly \
         monopolist oligopoly competition competitive marginal utility consumer consumers producer \
         surplus deficit inflation unemployment gdp aggregate fiscal monetary federal reserve bank \
         banks interest money multiplier tariff quota trade exports imports exchange currency wage \
         wages labor opportunity scarcity curve shift recession economy economic economics growth \
         tax taxes subsidy subsidies income real nominal externalities regression estimator \
         autocorrelation heteroscedasticity stationary cointegration",
    ),
    (
        Class::Business,
        "company companies firm firms business corporation shareholder shareholders stock stocks \
         bond bonds investment investor investors asset assets liabilities equity dividend \
         dividends profit profits revenue revenues sales cost costs accounting audit auditor \
         inventory depreciation ledger balance statement cash payable receivable marketing brand \
         brands customer customers product products advertising management manager managers \
         employee employees organization organizational strategy leadership invoice loan maturity \
         insurance premium annuity discount retail wholesale partnership merger budget payroll \
         public relations stakeholders corporate",
    ),
    (
        Class::Psychology,
        "psychology psychologist psychologists psychological behavior behaviour behavioral cognitive \
         cognition memory learning conditioning conditioned stimulus reinforcement personality \
         anxiety depression depressed schizophrenia disorder therapist therapy freud piaget erikson \
         attachment perception sensation attention motivation emotion emotions emotional \
         intelligence iq test tests brain hippocampus amygdala cortex neuron neurons neurotransmitter \
         attitude attitudes stereotype prejudice conformity client clients counseling adolescents \
         adolescence infant infants child children developmental sleep dreams subjects participants \
         experiment consultation rorschach job performance",
    ),
    (
        Class::History,
        "war wars century centuries empire emperor king kings queen revolution revolutionary colony \
         colonies colonial colonists ancient medieval dynasty civilization archaeological \
         archaeologists archaeology neolithic bronze maya inca aztec roman rome greek greece egypt \
         ottoman soviet nazi treaty battle army soldiers slavery slaves abolition reconstruction \
         industrial renaissance enlightenment passage historian historians history historical ruler \
         peasants nobles feudal imperialism nationalism paleolithic pleistocene settlement artifacts \
         1776 1789 1861 1914 1917 1939 1945",
    ),
    (
        Class::Politics,
        "government governments president presidential congress senate senator house representatives \
         parliament election elections voters voting vote party parties democrat democrats \
         republican republicans democracy democratic policy policies foreign security military \
         nuclear weapons terrorism diplomacy diplomatic nations states federalism bureaucracy veto \
         legislation legislative executive judicial supreme liberal conservative ideology \
         realism constructivism hegemony deterrence nato united cold citizens rights civil",
    ),
    (
        Class::Logic,
        "argument arguments premise premises conclusion valid invalid fallacy fallacies logical \
         logic predicate proposition propositional truth table quantifier counterexample translate \
         formula syllogism inference deductive inductive ad hominem fallacious implies entails \
         kant hume plato aristotle socrates descartes locke nietzsche utilitarian utilitarianism \
         metaphysics epistemology philosopher philosophers philosophy consistent \u{2283} \u{2227} tautology",
    ),
    (
        Class::Ethics,
        "moral morally morality ethics ethical wrong right permissible impermissible obligation duty \
         virtue virtues vice immoral abortion euthanasia punishment cloning animals justice dignity \
         autonomy welfare harm consequentialism deontological rawls singer moralist relativism \
         intentions deserve blame",
    ),
    (
        Class::Religion,
        "god gods religion religious church bible biblical jesus christ christian christians \
         christianity islam islamic muslim muslims muhammad quran jewish jews judaism torah hindu \
         hindus hinduism buddhist buddhism buddha sikh sikhism guru dharma karma tao taoism confucian \
         prayer worship ritual temple priest sacred holy scripture prophet sect zen monks",
    ),
    (
        Class::Computing,
        "computer computers software algorithm algorithms program programs data database network \
         networks server servers protocol encryption cryptography key keys hash memory cache cpu \
         processor processors disk operating system process thread threads compiler bit bits byte \
         bytes packet tcp ip router firewall malware attack buffer overflow vulnerability \
         authentication machine neural classifier training gradient boolean variable loop recursive \
         stack queue pointer instruction instructions web browser java python internet user \
         password overfitting kernel bayes sorting complexity",
    ),
    (
        Class::Earth,
        "planet planets star stars galaxy galaxies sun moon earth solar orbit telescope mars jupiter \
         saturn venus mercury comet asteroid universe crater climate ocean oceans river rivers \
         mountain mountains continent continents population country countries region regions latitude \
         longitude atmosphere rainfall desert volcano plate tectonic geography urban rural migration \
         city cities map agriculture kelvin luminosity",
    ),
    (
        Class::Society,
        "social society societies sociology sociological sociologist class culture cultural gender \
         sexual sexuality marriage family families women men divorce race racial ethnic minority \
         education school schools students teacher teachers media crime deviance norms status role \
         roles community inequality poverty feminist weber marx durkheim functionalist survey \
         intercourse orgasm homosexual percentage adults americans americans",
    ),
    (
        Class::Negation,
        "not no never none neither nor except false incorrect without cannot isn't doesn't don't \
         didn't wasn't aren't won't unlikely untrue inconsistent least nothing",
    ),
    (
        Class::NumberWord,
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen \
         sixteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million \
         billion first second third fourth fifth",
    ),
    (
        Class::Multiplier,
        "twice thrice half halves double triple quadruple third thirds quarter quarters fourth \
         fifth fifths dozen dozens times percent percentage fraction ratio remaining rest remainder",
    ),
    (Class::Rate, "per each every apiece rate average hourly daily weekly monthly yearly annually"),
    (
        Class::Comparison,
        "more less fewer than greater larger smaller bigger most least older younger taller shorter \
         longer higher lower faster slower equal same as increased decreased increases decreases \
         compared difference",
    ),
    (
        Class::TimeUnit,
        "second seconds minute minutes hour hours day days week weeks month months year years \
         morning afternoon evening night today tomorrow yesterday monday tuesday wednesday thursday \
         friday saturday sunday am pm o'clock",
    ),
    (
        Class::PhysicalUnit,
        "meter meters metre metres cm km mm inch inches foot feet yard yards mile miles gram grams \
         kg kilogram kilograms pound pounds lb lbs ounce ounces ton tons liter liters litre litres \
         gallon gallons degree degrees celsius fahrenheit square cubic mph volts watts acres",
    ),
    (
        Class::Money,
        "dollar dollars cent cents price cost costs costing pay pays paid paying spend spent spends \
         buy buys bought sell sells sold earn earns earned worth money salary profit change budget \
         euro euros fee fees bill",
    ),
    (
        Class::Hypothesis,
        "suppose assume assuming if let given would could imagine consider considering whenever \
         unless whether were",
    ),
    (
        Class::Explanation,
        "why because explain explains explanation cause causes caused reason reasons therefore thus \
         hence how describe discuss compare contrast analyze analyse evaluate justify argue \
         interpret implications",
    ),
    (
        Class::Creation,
        "write compose draft create story poem essay email letter article blog post song lyrics \
         dialogue speech outline script headline slogan haiku novel scene character persona pretend \
         roleplay act imagine brainstorm design plan itinerary recipe",
    ),
    (
        Class::Extraction,
        "extract summarize summarise summary translate list classify identify rewrite paraphrase \
         edit proofread correct format convert json csv table tag label categorize following text \
         sentences paragraph passage article review reviews keywords entities",
    ),
    (
        Class::Programming,
        "function functions code program implement implementation method class script algorithm \
         debug bug refactor compile api endpoint sql query html css javascript python java rust \
         typescript c++ react regex unit test tests library module argument arguments return \
         returns output input stdin stdout recursion",
    ),
    (
        Class::Constraint,
        "must should exactly only without ensure required require requires constraint constraints \
         cannot limit limited maximum minimum within satisfy satisfies satisfying condition \
         conditions guaranteed distinct unique valid allowed",
    ),
    (
        Class::Sequence,
        "then after next finally afterwards also additionally furthermore lastly subsequently \
         before later first secondly thirdly another plus meanwhile",
    ),
    (Class::FirstPerson, "i my me we our us i'm i'd i've i'll mine ours we're let's"),
    (
        Class::Quantifier,
        "all every some any none both either each neither always never everyone someone nobody",
    ),
    (
        Class::Combinatorics,
        "ways arrange arranged arrangement arrangements permutation permutations combination \
         combinations choose chosen select selected distinguishable indistinguishable committee \
         seated sit subset subsets paths rolled dice die coin coins flipped cards deck",
    ),
    (
        Class::NumberTheory,
        "integer integers prime primes divisor divisors divisible factor factors multiple multiples \
         remainder modulo mod digit digits congruent greatest gcd lcm even odd perfect square \
         palindrome base consecutive",
    ),
    (
        Class::Geometry,
        "triangle triangles circle circles square rectangle polygon angle angles radius diameter \
         perimeter area volume sphere cube cylinder cone pyramid parallel perpendicular tangent \
         chord hypotenuse altitude median midpoint vertex vertices coordinate coordinates plane \
         trapezoid parallelogram hexagon circumference congruent similar isosceles equilateral",
    ),
    (
        Class::Analysis,
        "function functions polynomial polynomials equation equations roots root derivative integral \
         limit series sequence converge convergence continuous differentiable matrix matrices vector \
         vectors eigenvalue determinant linear quadratic cubic logarithm exponential sine cosine \
         complex real group ring field subgroup isomorphic homomorphism abelian topology theorem \
         domain range graph slope inverse simplify solve compute evaluate expression value values",
    ),
    (
        Class::Statistics,
        "probability random expected variance standard deviation mean median mode distribution \
         normal sample samples sampling confidence hypothesis significance correlation regression \
         statistic statistics percentile independent likelihood estimate null binomial scores \
         experiment survey",
    ),
    (
        Class::Stop,
        "the of and a an to in is are was were be been it its that this these those for on with by \
         at from as or which who whom has have had do does did can will may might he she they his \
         her their them you your there what when where",
    ),
    (
        Class::Judgement,
        "best likely true false correct incorrect statement statements accurate appropriate \
         describes described according primary primarily main mainly example refers known called \
         characteristic example",
    ),
    (
        Class::Structure,
        "array arrays string strings subarray subsequence substring grid tree trees graph node nodes \
         edge edges permutation index indices element elements matrix list interval intervals \
         segment query queries lexicographically operation operations prefix suffix palindrome",
    ),
    (
        Class::Optimum,
        "maximum minimum maximize minimize largest smallest greatest least longest shortest most \
         fewest optimal optimum highest lowest cheapest best",
    ),
    (
        Class::Quantity,
        "many much total number count sum altogether left remain amount how combined difference \
         product average needed",
    ),
    (
        Class::Person,
        "man woman boy girl friend friends mother father brother sister son daughter wife husband \
         people person student students owner neighbor uncle aunt he she his her him",
    ),
    (Class::Interrogative, "which what who whom whose when where why how"),
    (Class::Conjunction, "and or but while whereas both as well along"),
    // Words that hardly any other language shares: how English a text is.
    (
        Class::English,
        "the and of that this which with from what how are were would these his their they has have \
         been there when who your you does not should write each",
    ),
];

/// Words with the set of their classes, sorted by the words' hashes: numbers compare faster.
fn table() -> &'static [(u32, &'static str, u64)] {
    static TABLE: OnceLock<Vec<(u32, &'static str, u64)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut words: Vec<(u32, &'static str, u64)> = Vec::new();
        for (class, list) in &LISTS {
            words.extend(
                list.split_ascii_whitespace().map(|word| (hash(word), word, 1 << (*class as u8))),
            );
        }
        sort(&mut words, |a, b| a < b);
        words.dedup_by(|next, kept| {
            let same = next.1 == kept.1;
            if same {
                kept.2 |= next.2;
            }
            same
        });
        words
    })
}

/// The classes of a word in lower case, as a set of bits.
pub(super) fn classes(word: &str) -> u64 {
    let (table, key) = (table(), hash(word));
    let first = table.partition_point(|(known, ..)| *known < key);
    let alike = table.iter().skip(first).take_while(|(known, ..)| *known == key);
    alike.filter(|(_, known, _)| *known == word).map(|(.., set)| *set).next().unwrap_or(0)
}

/// FNV-1a, 32 bits.
pub(super) fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Counts a word's classes.
pub(super) fn count(set: u64, hits: &mut Hits) {
    let mut rest = set;
    while rest != 0 {
        let index = rest.trailing_zeros() as usize;
        if let Some(hit) = hits.get_mut(index) {
            *hit = hit.saturating_add(1);
        }
        rest &= rest - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_its_list_once_and_words_are_lower_case() {
        for (index, (class, list)) in LISTS.iter().enumerate() {
            assert_eq!(*class as usize, index);
            assert!(list.split_ascii_whitespace().all(|word| word.to_lowercase() == word));
        }
    }

    #[test]
    fn a_word_of_two_lists_counts_in_both() {
        let mut hits = [0; CLASSES];
        count(classes("third"), &mut hits);
        assert_eq!(hits[Class::NumberWord as usize], 1);
        assert_eq!(hits[Class::Multiplier as usize], 1);
        assert_eq!(classes("zzz"), 0);
    }
}
