//! Which parameters stand where in the flat vector, and what they are for.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;

/// What a block of parameters does in its model. Muon-like methods and parameter groups ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A weight between hidden layers, or a coordinate of a plain function.
    Hidden,
    /// A table of vectors, one row a symbol.
    Embedding,
    /// The last layer's weight.
    Head,
    /// A scale, as of a normalisation.
    Gain,
    /// An offset. Decays as the rest does, unless a parameter group exempts it.
    Bias,
}

/// One parameter group's settings for a block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// Multiplies the learning rate.
    pub lr_scale: f64,
    /// Replaces the coefficient of any weight decay; `None` keeps it.
    pub decay: Option<f64>,
}

impl Default for Group {
    fn default() -> Self {
        Group { lr_scale: 1.0, decay: None }
    }
}

/// A named, shaped part of the parameter vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Unique within its layout.
    pub name: String,
    /// Row-major; a weight from `i` inputs to `o` outputs is `[o, i]`, as in torch.
    pub shape: Vec<usize>,
    /// What it is for.
    pub role: Role,
    /// Where it stands in the flat vector.
    pub range: Range<usize>,
    /// Its parameter group.
    pub group: Group,
    /// A matrix that is kept as `[i, o]`, as burn keeps the weight of a `Linear`.
    pub inputs_first: bool,
}

impl Block {
    /// The number of parameters.
    pub fn len(&self) -> usize {
        self.range.len()
    }
    /// Whether it holds no parameter.
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }
    /// `(rows, columns)` with all dimensions but the first flattened into columns, if it has two or more.
    pub fn matrix(&self) -> Option<(usize, usize)> {
        match self.shape[..] {
            [] | [_] => None,
            [rows, ref rest @ ..] => Some((rows, rest.iter().product())),
        }
    }
    /// `(outputs, inputs)` of a [`matrix`](Self::matrix), whichever way it is kept.
    pub fn fans(&self) -> Option<(usize, usize)> {
        self.matrix().map(|(rows, columns)| if self.inputs_first { (columns, rows) } else { (rows, columns) })
    }
    /// Whether it is a weight between hidden layers, of two or more dimensions: what matrix methods are for.
    pub fn is_hidden_matrix(&self) -> bool {
        self.role == Role::Hidden && self.matrix().is_some()
    }
}

/// The blocks of a flat parameter vector, in order, without gap or overlap.
///
/// ```
/// use downhill::{Layout, Role};
/// let layout = Layout::new().block("w", [3, 4], Role::Head).block("b", [3], Role::Bias);
/// assert_eq!(layout.len(), 15);
/// assert_eq!(layout.blocks()[1].range, 12..15);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout(Vec<Block>);

impl Layout {
    /// No block yet.
    pub fn new() -> Self {
        Layout::default()
    }

    /// One vector of `n` plain coordinates, named `x`.
    pub fn vector(n: usize) -> Self {
        Layout::new().block("x", [n], Role::Hidden)
    }

    /// Adds a block behind the last one.
    ///
    /// # Panics
    /// If the name is taken: a program's mistake, since states are saved by name.
    pub fn block(mut self, name: impl Into<String>, shape: impl Into<Vec<usize>>, role: Role) -> Self {
        let (name, shape, start) = (name.into(), shape.into(), self.len());
        assert!(self.0.iter().all(|b| b.name != name), "two blocks are named `{name}`");
        let range = start..start + shape.iter().product::<usize>();
        self.0.push(Block { name, shape, role, range, group: Group::default(), inputs_first: false });
        self
    }

    /// The block added last is kept with its inputs first.
    pub fn inputs_first(mut self) -> Self {
        if let Some(block) = self.0.last_mut() {
            block.inputs_first = true;
        }
        self
    }

    /// The blocks in the order of their ranges.
    pub fn blocks(&self) -> &[Block] {
        &self.0
    }
    /// The number of parameters.
    pub fn len(&self) -> usize {
        self.0.last().map_or(0, |b| b.range.end)
    }
    /// Whether it holds no parameter.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same layout with parameter groups; a later rule overrides an earlier one.
    ///
    /// # Errors
    /// If a rule selects no block, with the names and roles that there are.
    pub fn with_groups(mut self, rules: &[GroupRule]) -> Result<Self, NoSuchBlock> {
        for rule in rules {
            let mut found = false;
            for block in self.0.iter_mut().filter(|b| rule.selects(b)) {
                found = true;
                block.group = Group { lr_scale: rule.lr_scale, decay: rule.decay.or(block.group.decay) };
            }
            if !found {
                let blocks = self.0.iter().map(|b| format!("{} ({:?})", b.name, b.role).to_lowercase()).collect();
                return Err(NoSuchBlock { rule: rule.clone(), blocks });
            }
        }
        Ok(self)
    }
}

/// A parameter group: the blocks of one role or one name, and what holds for them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupRule {
    /// Blocks of this role; any if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The block of this name; any if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Multiplies the learning rate.
    #[serde(default = "one")]
    pub lr_scale: f64,
    /// Replaces the coefficient of any weight decay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decay: Option<f64>,
}

fn one() -> f64 {
    1.0
}

impl GroupRule {
    fn selects(&self, block: &Block) -> bool {
        self.role.is_none_or(|r| r == block.role) && self.name.as_ref().is_none_or(|n| *n == block.name)
    }
}

/// A [`GroupRule`] that fits no block.
#[derive(Clone, Debug)]
pub struct NoSuchBlock {
    rule: GroupRule,
    blocks: Vec<String>,
}

impl fmt::Display for NoSuchBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let GroupRule { role, name, .. } = &self.rule;
        let wanted = [role.map(|r| format!("role {r:?}").to_lowercase()), name.as_ref().map(|n| format!("name `{n}`"))];
        let wanted: Vec<_> = wanted.into_iter().flatten().collect();
        write!(f, "no block has {}; there are: {}", wanted.join(" and "), self.blocks.join(", "))
    }
}
impl std::error::Error for NoSuchBlock {}
