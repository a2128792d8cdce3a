//! The list of optimizers and wrappers, as a value: names to constructors, defaults and facts.

use crate::method::{AnyMethod, SharedMethod, SharedWrapper};
use crate::{
    Block, Claim, Facts, GroupRule, Hyper, Layout, Method, Need, Optimizer, Real, Refusal, Wrapper, WrapperFacts,
};
use serde_json::{Map, Value};
use std::fmt;
use std::sync::Arc;

type Parse<T> = Arc<dyn Fn(Value) -> Result<T, String> + Send + Sync>;

/// One optimizer of a registry.
#[derive(Clone)]
pub struct Entry {
    /// What is known of it.
    pub facts: Facts,
    /// The line of methods that it belongs to, as a heading.
    pub family: &'static str,
    /// The name of its config struct, for code; empty where there is none.
    pub type_name: &'static str,
    parse: Parse<SharedMethod>,
}

impl Entry {
    /// The entry of a [`Method`].
    pub fn of<M: Method>() -> Self {
        let parse = |v| serde_json::from_value::<M>(v).map(|m| Arc::new(m) as SharedMethod).map_err(|e| e.to_string());
        let path = std::any::type_name::<M>();
        Entry { type_name: path.rsplit("::").next().unwrap_or(path), ..Entry::new(M::FACTS, parse) }
    }
    /// An entry with its own parser from a table of hyperparameters; absent ones take their defaults.
    pub fn new(facts: Facts, parse: impl Fn(Value) -> Result<SharedMethod, String> + Send + Sync + 'static) -> Self {
        Entry { facts, family: "Others", type_name: "", parse: Arc::new(parse) }
    }
    /// The same in a family.
    pub fn within(self, family: &'static str) -> Self {
        Entry { family, ..self }
    }
}

/// One wrapper of a registry.
#[derive(Clone)]
pub struct WrapperEntry {
    /// What is known of it.
    pub facts: WrapperFacts,
    parse: Parse<SharedWrapper>,
}

impl WrapperEntry {
    /// The entry of a [`Wrapper`].
    pub fn of<W: Wrapper>() -> Self {
        let parse = |v| serde_json::from_value::<W>(v).map(|w| Arc::new(w) as SharedWrapper).map_err(|e| e.to_string());
        WrapperEntry { facts: W::FACTS, parse: Arc::new(parse) }
    }
}

/// Optimizers and wrappers by name. Another crate adds its own:
///
/// ```
/// use downhill::{Entry, Registry, Sgd};
/// let registry = Registry::builtin();
/// assert!(registry.entries().iter().any(|e| e.facts.name == "adam"));
/// let adam = registry.configure(&serde_json::json!({ "name": "adam", "beta2": 0.99 })).expect("a known field");
/// assert_eq!(adam.canonical()["eps"], 1e-8);
/// let err = registry.configure(&serde_json::json!({ "name": "adam", "beta3": 0.99 })).err().expect("no such field");
/// assert!(err.to_string().contains("expected one of `beta1`, `beta2`, `eps`"), "{err}");
/// ```
#[derive(Clone, Default)]
pub struct Registry {
    entries: Vec<Entry>,
    wrappers: Vec<WrapperEntry>,
}

impl Registry {
    /// An empty registry.
    pub fn new() -> Self {
        Registry::default()
    }

    /// Everything in this crate.
    pub fn builtin() -> Self {
        Registry { entries: crate::optimizers::all(), wrappers: crate::wrappers::all() }
    }

    /// With one more optimizer.
    ///
    /// # Panics
    /// If its name is taken.
    pub fn with(mut self, entry: Entry) -> Self {
        assert!(self.find(entry.facts.name).is_none(), "two optimizers are named `{}`", entry.facts.name);
        self.entries.push(entry);
        self
    }

    /// With one more wrapper.
    pub fn with_wrapper(mut self, entry: WrapperEntry) -> Self {
        self.wrappers.push(entry);
        self
    }

    /// All optimizers, in the order in which they were added.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
    /// All wrappers.
    pub fn wrappers(&self) -> &[WrapperEntry] {
        &self.wrappers
    }
    /// The optimizer of that name.
    pub fn find(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.facts.name == name)
    }

    /// Reads a table such as `{ name = "adam", preset = "burn", beta2 = 0.99,
    /// wrap = [{ name = "clip-global", norm = 1.0 }], groups = [{ role = "bias", decay = 0.0 }] }`.
    ///
    /// # Errors
    /// An unknown name, field or role with the choices; a value out of its range with the range.
    pub fn configure(&self, table: &Value) -> Result<Configured, SpecError> {
        let mut fields =
            table.as_object().cloned().ok_or_else(|| SpecError("an optimizer is a table with a `name`".into()))?;
        let name = take_name(&mut fields, "optimizer")?;
        let entry =
            self.find(&name).ok_or_else(|| unknown("optimizer", &name, self.entries.iter().map(|e| e.facts.name)))?;
        let wrap = match fields.remove("wrap") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(list)) => list,
            Some(one) => vec![one],
        };
        let wrappers = wrap.into_iter().map(|w| self.wrapper(w)).collect::<Result<_, _>>()?;
        let groups = match fields.remove("groups") {
            None => Vec::new(),
            Some(v) => {
                serde_json::from_value(v).map_err(|e| SpecError(format!("optimizer `{name}`, `groups`: {e}")))?
            }
        };
        let context = format!("optimizer `{name}`");
        let (mut facts, mut preset) = (entry.facts, None);
        if let Some(wanted) = fields.remove("preset").filter(|wanted| *wanted != facts.preset) {
            let found = facts.presets.iter().find(|p| wanted == p.name).ok_or_else(|| {
                let known: Vec<_> = [facts.preset].into_iter().chain(facts.presets.iter().map(|p| p.name)).collect();
                SpecError(format!("{context}: `preset` is {wanted}, allowed is one of `{}`", known.join("`, `")))
            })?;
            facts.lr = found.lr.unwrap_or(facts.lr);
            preset = Some(found.name);
            fields = found.fields().into_iter().chain(fields).collect();
        }
        let parse = |fields| (entry.parse)(fields).map_err(|e| SpecError(format!("{context}: {e}")));
        let method = parse(Value::Object(fields))?;
        check(&context, facts.hypers, &method.hypers())?;
        let broken = broken(&facts, &method.hypers(), &parse(Value::Object(Map::new()))?.hypers());
        Ok(Configured { facts, preset, method, wrappers, groups, broken })
    }

    fn wrapper(&self, table: Value) -> Result<(WrapperFacts, SharedWrapper), SpecError> {
        let Value::Object(mut fields) = table else {
            return Err(SpecError("`wrap` is a list of tables, each with a `name`".into()));
        };
        let name = take_name(&mut fields, "wrapper")?;
        let entry = self.wrappers.iter().find(|e| e.facts.name == name);
        let entry = entry.ok_or_else(|| unknown("wrapper", &name, self.wrappers.iter().map(|e| e.facts.name)))?;
        let context = format!("wrapper `{name}`");
        let wrapper = (entry.parse)(Value::Object(fields)).map_err(|e| SpecError(format!("{context}: {e}")))?;
        check(&context, entry.facts.hypers, &wrapper.hypers())?;
        Ok((entry.facts, wrapper))
    }
}

fn take_name(fields: &mut Map<String, Value>, what: &str) -> Result<String, SpecError> {
    match fields.remove("name") {
        Some(Value::String(name)) => Ok(name),
        Some(other) => Err(SpecError(format!("{what}: `name` is {other}, expected a string"))),
        None => Err(SpecError(format!("{what}: `name` is missing"))),
    }
}

/// "unknown optimizer `adamm`; did you mean `adam`? Known: ...".
pub fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> SpecError {
    let near = known.clone().min_by_key(|k| distance(k, name)).filter(|k| distance(k, name) <= 2);
    let hint = near.map_or(String::new(), |k| format!("did you mean `{k}`? "));
    SpecError(format!("unknown {what} `{name}`; {hint}known: {}", known.collect::<Vec<_>>().join(", ")))
}

/// Levenshtein's edit distance.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.chars().enumerate() {
            let substitute = diagonal + usize::from(ca != cb);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

/// Every hyperparameter lies in its range.
///
/// # Errors
/// The first that does not, with what was found and what is allowed.
pub fn check(context: &str, hypers: &[Hyper], values: &Value) -> Result<(), SpecError> {
    for h in hypers {
        let found = values.get(h.name).unwrap_or(&Value::Null);
        if !h.range.contains(found) {
            return Err(SpecError(format!("{context}: `{}` is {found}, allowed is {}", h.name, h.range)));
        }
    }
    Ok(())
}

/// A method with its hyperparameters, wrappers and parameter groups.
#[derive(Clone)]
pub struct Configured {
    /// What is known of the method; the learning rate is the preset's.
    pub facts: Facts,
    /// The convention, if not the default one.
    preset: Option<&'static str>,
    method: SharedMethod,
    wrappers: Vec<(WrapperFacts, SharedWrapper)>,
    groups: Vec<GroupRule>,
    /// Claims that the hyperparameters break.
    broken: Vec<Claim>,
}

/// A method as it is, with neither wrappers nor groups.
///
/// ```
/// use downhill::{Adam, ClipGlobal, Configured, Layout};
/// let clipped = Configured::from(Adam { eps: 1e-5, ..Adam::default() }).within(ClipGlobal { norm: 1.0 });
/// assert_eq!(clipped.canonical()["wrap"][0]["norm"], 1.0);
/// assert!(clipped.build::<f32>(&Layout::vector(3)).is_ok());
/// ```
impl<M: Method> From<M> for Configured {
    fn from(method: M) -> Self {
        let broken = broken(&M::FACTS, &method.hypers(), &M::default().hypers());
        Configured {
            facts: M::FACTS,
            preset: None,
            method: Arc::new(method),
            wrappers: Vec::new(),
            groups: Vec::new(),
            broken,
        }
    }
}

/// The claims that hyperparameters break where they are not the default.
fn broken(facts: &Facts, hypers: &Value, defaults: &Value) -> Vec<Claim> {
    let changed = facts.hypers.iter().filter(|h| hypers[h.name] != defaults[h.name]);
    changed.flat_map(|h| h.breaks).copied().collect()
}

impl Configured {
    /// The same within one more wrapper, which touches the gradient before those that there are.
    pub fn within<W: Wrapper>(mut self, wrapper: W) -> Self {
        self.wrappers.insert(0, (W::FACTS, Arc::new(wrapper)));
        self
    }

    /// The same with one more parameter group.
    pub fn with_group(mut self, group: GroupRule) -> Self {
        self.groups.push(group);
        self
    }

    /// The optimizer for parameters laid out so. Wrappers apply from the first to the last: the first touches the
    /// gradient first.
    ///
    /// # Errors
    /// If a group selects no block, or the method refuses the layout or the precision.
    pub fn build<R: Real>(&self, layout: &Layout) -> Result<Box<dyn Optimizer<R>>, Refusal> {
        let layout = layout.clone().with_groups(&self.groups).map_err(|e| Refusal(format!("groups: {e}")))?;
        self.consistent()?;
        if self.needs().contains(&Need::Matrices) && !layout.blocks().iter().any(Block::is_hidden_matrix) {
            let blocks: Vec<_> = layout.blocks().iter().map(|b| format!("{} {:?}", b.name, b.shape)).collect();
            return Err(Refusal(format!("it needs {}; there are: {}", Need::Matrices.text(), blocks.join(", "))));
        }
        let core = R::build(&*self.method, &layout)?;
        Ok(self.wrappers.iter().rev().fold(core, |inner, (_, w)| R::enclose(&**w, inner, &layout)))
    }

    /// Whoever compares the gradient with others that it asks for must be given the problem's own. (Who asks for a
    /// full gradient, too, compares the answers with each other.)
    fn consistent(&self) -> Result<(), Refusal> {
        let compares = |needs: &[Need]| {
            needs.contains(&Need::Summands) || needs.contains(&Need::Again) && !needs.contains(&Need::Full)
        };
        for (i, (outer, _)) in self.wrappers.iter().enumerate().filter(|(_, (facts, _))| facts.rewrites) {
            let outer = outer.name;
            let changes = |who: &str| format!("`{outer}` changes the gradient, but not those that `{who}` asks for");
            if let Some((asks, _)) = self.wrappers[i + 1..].iter().find(|(facts, _)| compares(facts.needs)) {
                return Err(Refusal(format!("{}: name `{outer}` after `{}`", changes(asks.name), asks.name)));
            }
            if compares(self.facts.needs) {
                return Err(Refusal(format!("{}: put a penalty into the problem", changes(self.facts.name))));
            }
        }
        Ok(())
    }

    /// Whether method, hyperparameters and wrappers obey a law.
    pub fn obeys(&self, law: Claim) -> bool {
        let wrapped = self.wrappers.iter().any(|(facts, _)| facts.breaks.contains(&law));
        self.facts.claims.contains(&law) && !self.broken.contains(&law) && !wrapped
    }

    /// Whether method or a wrapper keeps an average: see [`Facts::averages`].
    pub fn averages(&self) -> bool {
        self.facts.averages || self.wrappers.iter().any(|(facts, _)| facts.averages)
    }

    /// The parameter groups.
    pub fn groups(&self) -> &[GroupRule] {
        &self.groups
    }

    /// What method and wrappers need from a problem beyond the gradient, each once.
    pub fn needs(&self) -> Vec<Need> {
        let of_wrappers = self.wrappers.iter().flat_map(|(facts, _)| facts.needs);
        let mut needs: Vec<_> = self.facts.needs.iter().chain(of_wrappers).copied().collect();
        needs.sort_unstable();
        needs.dedup();
        needs
    }

    /// All fields with defaults resolved, keys sorted: the same text for the same method.
    pub fn canonical(&self) -> Value {
        let mut out = Map::new();
        out.insert("name".into(), self.facts.name.into());
        out.extend(self.preset.map(|preset| ("preset".into(), preset.into())));
        if let Value::Object(hypers) = self.method.hypers() {
            out.extend(hypers);
        }
        if !self.wrappers.is_empty() {
            let named = |(facts, w): &(WrapperFacts, SharedWrapper)| {
                let mut fields = Map::from_iter([("name".to_owned(), Value::from(facts.name))]);
                if let Value::Object(hypers) = w.hypers() {
                    fields.extend(hypers);
                }
                Value::Object(fields)
            };
            out.insert("wrap".into(), self.wrappers.iter().map(named).collect());
        }
        if !self.groups.is_empty() {
            out.insert("groups".into(), serde_json::to_value(&self.groups).unwrap_or_default());
        }
        Value::Object(out)
    }
}

/// What is wrong with a table of a study, in words for the user.
#[derive(Clone, Debug, PartialEq)]
pub struct SpecError(pub String);
impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for SpecError {}
