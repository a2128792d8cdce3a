//! The chosen optimizer as code, for a training loop of one's own.

use super::Entrant;
use crate::lab::Lab;
use downhill::{Block, Claim, Schedule};
use serde_json::{Map, Value};

/// The code for `downhill` itself.
pub fn for_downhill(entrant: &Entrant, lr: f64, lab: &Lab) -> String {
    let Some((name, build)) = construct(&entrant.template.optimizer, lab) else { return foreign(entrant) };
    let (mut uses, scheduled) = match schedule(&entrant.template.schedule) {
        None => (vec![name, "Layout", "Method"], String::new()),
        Some(code) => (vec![name, "Layout", "Method", "Schedule"], format!(".with_schedule({code}, steps)")),
    };
    let layout = if each_alone(entrant, lab) {
        "Layout::vector(x.len())".to_owned()
    } else {
        // A block a tensor, as in the model that was trained here.
        uses.push("Role");
        let block = |b: &Block| format!("\n    .block({:?}, {:?}, Role::{:?})", b.name, b.shape, b.role);
        format!("Layout::new(){}", entrant.layout.blocks().iter().map(block).collect::<String>())
    };
    format!(
        "{}let layout = {layout};\nlet mut opt = {build}.stepper(&layout, {lr:?}){scheduled};\n\
         opt.step(&mut x, &gradient); // once a batch\n",
        import("downhill", uses)
    )
}

/// The code for a training loop of burn.
pub fn for_burn(entrant: &Entrant, lr: f64, lab: &Lab) -> String {
    let Some((name, build)) = construct(&entrant.template.optimizer, lab) else { return foreign(entrant) };
    let (mut burns, mut ours, mut bridge) = (Vec::new(), vec![name], Vec::new());
    let optimizer = if each_alone(entrant, lab) {
        burns.push("optim::ModuleOptimizer");
        bridge.push("PerParameter");
        format!("ModuleOptimizer::from(PerParameter::new({build})?)")
    } else {
        bridge.push("WholeModel");
        format!("WholeModel::new({build}, &model)?")
    };
    let (rates, rate) = match schedule(&entrant.template.schedule) {
        None => (String::new(), format!("{lr:?}")),
        Some(code) => {
            burns.push("lr_scheduler::LrScheduler");
            ours.push("Schedule");
            bridge.push("Scheduled");
            (format!("let mut lr = Scheduled::new({lr:?}, {code}, steps);\n"), "lr.step()".to_owned())
        }
    };
    format!(
        "{}{}{}{rates}let mut optim = {optimizer};\nmodel = optim.step({rate}, model, grads); // once a batch\n",
        import("burn", burns),
        import("downhill", ours),
        import("downhill_burn", bridge)
    )
}

/// A `use` of these names, nothing without them.
fn import(from: &str, mut names: Vec<&str>) -> String {
    names.sort_unstable();
    match &names[..] {
        [] => String::new(),
        [one] => format!("use {from}::{one};\n"),
        several => format!("use {from}::{{{}}};\n", several.join(", ")),
    }
}

/// What there is to say of an optimizer that is not ours.
fn foreign(entrant: &Entrant) -> String {
    format!("// `{}` is not downhill's: its own crate says how it is built.\n", entrant.label)
}

/// Whether it takes each parameter for itself, so that shapes do not matter.
fn each_alone(entrant: &Entrant, lab: &Lab) -> bool {
    lab.optimizers.configure(&entrant.template.optimizer).is_ok_and(|c| c.obeys(Claim::Separable))
}

/// The type, and `Adam::default()` or `Sgd { momentum: 0.9, ..Sgd::default() }`; none for what is no type of ours.
fn construct(table: &Value, lab: &Lab) -> Option<(&'static str, String)> {
    let name = table["name"].as_str()?;
    let of_type = lab.optimizers.find(name)?.type_name;
    let plain = lab.optimizers.configure(&serde_json::json!({ "name": name })).ok()?.canonical();
    let fields = table.as_object()?.iter();
    let told: Map<String, Value> = fields
        .filter(|(key, value)| *key != "name" && plain.get(key.as_str()) != Some(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let build = if told.is_empty() {
        format!("{of_type}::default()")
    } else if told.values().all(|value| value.is_number() || value.is_boolean()) {
        let fields: Vec<String> = told.iter().map(|(key, value)| format!("{key}: {value}")).collect();
        format!("{of_type} {{ {}, ..{of_type}::default() }}", fields.join(", "))
    } else {
        format!("serde_json::from_value::<{of_type}>(serde_json::json!({}))?", Value::Object(told))
    };
    (!of_type.is_empty()).then_some((of_type, build))
}

fn schedule(schedule: &Schedule) -> Option<String> {
    (*schedule != Schedule::default()).then(|| format!("Schedule::{schedule:?}"))
}
