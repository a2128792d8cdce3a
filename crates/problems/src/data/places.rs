//! Where data sets that are not bundled are looked for.

use super::known::Known;
use std::env;
use std::path::{Path, PathBuf};

/// Folders of data sets, searched in the order of the fields. Nothing is ever downloaded from here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Places {
    /// A folder of the user's choice, which holds one folder a data set.
    pub given: Option<PathBuf>,
    /// The same, filled by `downhill data get`.
    pub cache: Option<PathBuf>,
    /// The same, filled by packages of the system.
    pub system: Option<PathBuf>,
    /// The folder in which, and above which, `node_modules` may lie.
    pub project: Option<PathBuf>,
}

/// A data set that is on this machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// What kind of place it is in.
    pub place: &'static str,
    /// The folder that holds its files.
    pub folder: PathBuf,
    /// Its files, in the catalogue's order; each may be gzipped.
    pub files: Vec<PathBuf>,
}

/// The environment variable that names [`Places::given`].
pub const DATA_DIR: &str = "DOWNHILL_DATA_DIR";

impl Places {
    /// Those of this machine: `DOWNHILL_DATA_DIR`; `downhill` in `XDG_CACHE_HOME` or `~/.cache`; `/usr/share/datasets`,
    /// where Debian's packages put data; `node_modules` here and in the folders above.
    pub fn of_this_machine() -> Self {
        let folder = |name| env::var_os(name).map(PathBuf::from).filter(|path| !path.as_os_str().is_empty());
        // A relative XDG_CACHE_HOME is to be ignored, says the XDG Base Directory Specification.
        let xdg = folder("XDG_CACHE_HOME").filter(|path| path.is_absolute());
        let home = || folder("HOME").or_else(|| folder("USERPROFILE")).map(|home| home.join(".cache"));
        Places {
            given: folder(DATA_DIR),
            cache: xdg.or_else(home).map(|cache| cache.join("downhill")),
            system: Some(PathBuf::from("/usr/share/datasets")),
            project: env::current_dir().ok(),
        }
    }

    /// The first place that has all files of the data set.
    pub fn find(&self, known: &Known) -> Option<Found> {
        self.folders(known).into_iter().find_map(|(place, folder)| {
            let files = known.files().map(|file| plain_or_gzipped(&folder, file)).collect::<Option<Vec<_>>>()?;
            Some(Found { place, folder, files })
        })
    }

    /// The folders that may hold the data set, with what kind of place each is.
    pub fn folders(&self, known: &Known) -> Vec<(&'static str, PathBuf)> {
        let named = [("given folder", &self.given), ("cache", &self.cache), ("system", &self.system)];
        let named = named.into_iter().filter_map(|(place, folder)| Some((place, folder.as_ref()?.join(known.name))));
        let above = self.project.iter().flat_map(|project| project.ancestors());
        let npm =
            known.npm.into_iter().flat_map(|package| above.clone().map(move |a| a.join("node_modules").join(package)));
        named.chain(npm.map(|folder| ("npm", folder))).collect()
    }
}

fn plain_or_gzipped(folder: &Path, file: &str) -> Option<PathBuf> {
    [file.to_owned(), format!("{file}.gz")].iter().map(|name| folder.join(name)).find(|path| path.is_file())
}
