//! The chosen optimizer as code, for a training loop of one's own.

use super::Entrant;
use crate::lab::Lab;
use downhill::{Claim, Schedule};
use serde_json::{Map, Value};

/// The code for `downhill` itself.
pub fn for_downhill(entrant: &Entrant, lr: f64, lab: &Lab) -> String {
    let build = construct(&entrant.template.optimizer, lab);
    let (uses, scheduled) = match schedule(&entrant.template.schedule) {
        None => ("", String::new()),
        Some(code) => (", Schedule", format!(".with_schedule({code}, steps)")),
    };
    let name = build.split([':', ' ']).next().unwrap_or_default();
    format!(
        "use downhill::{{{name}, Layout, Method{uses}}};\n\
         let mut opt = {build}.stepper(&Layout::vector(x.len()), {lr:?}){scheduled};\n\
         opt.step(&mut x, &gradient);                    // once a batch\n"
    )
}

/// The code for a training loop of burn.
pub fn for_burn(entrant: &Entrant, lr: f64, lab: &Lab) -> String {
    let build = construct(&entrant.template.optimizer, lab);
    let name = build.split([':', ' ']).next().unwrap_or_default();
    let alone = lab.optimizers.configure(&entrant.template.optimizer);
    let each = alone.is_ok_and(|c| c.obeys(Claim::Separable));
    let (wrapper, optimizer) = if each {
        ("PerParameter", format!("ModuleOptimizer::from(PerParameter::new({build})?)"))
    } else {
        ("WholeModel", format!("WholeModel::new({build}, &model)?"))
    };
    let (uses, schedule, rate) = match schedule(&entrant.template.schedule) {
        None => ((String::new(), String::new()), String::new(), format!("{lr:?}")),
        Some(code) => (
            (", Schedule".to_owned(), ", Scheduled".to_owned()),
            format!("let mut lr = Scheduled::new({lr:?}, {code}, steps);\n"),
            "lr.step()".to_owned(),
        ),
    };
    format!(
        "use downhill::{{{name}{}}};\nuse downhill_burn::{{{wrapper}{}}};\n{schedule}\
         let mut optim = {optimizer};\n\
         model = optim.step({rate}, model, grads);        // once a batch\n",
        uses.0, uses.1
    )
}

/// `Adam::default()`, `Sgd { momentum: 0.9, ..Sgd::default() }`.
fn construct(table: &Value, lab: &Lab) -> String {
    let name = &table["name"];
    let entry = lab.optimizers.entries().iter().find(|e| name == e.facts.name);
    let of_type = entry.map_or("Unknown", |e| e.type_name);
    let plain =
        lab.optimizers.configure(&serde_json::json!({ "name": name })).map(|c| c.canonical()).unwrap_or_default();
    let fields = table.as_object().into_iter().flatten();
    let told = fields.filter(|(key, value)| *key != "name" && plain.get(key.as_str()) != Some(value));
    let told: Vec<(&String, &Value)> = told.collect();
    if told.is_empty() {
        return format!("{of_type}::default()");
    }
    if told.iter().all(|(_, value)| value.is_number() || value.is_boolean()) {
        let fields: Vec<String> = told.iter().map(|(key, value)| format!("{key}: {value}")).collect();
        return format!("{of_type} {{ {}, ..{of_type}::default() }}", fields.join(", "));
    }
    let fields: Map<String, Value> = told.into_iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    format!("{of_type}::deserialize(serde_json::json!({}))?", Value::Object(fields))
}

fn schedule(schedule: &Schedule) -> Option<String> {
    (*schedule != Schedule::default()).then(|| format!("Schedule::{schedule:?}"))
}
