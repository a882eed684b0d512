//! A made-up geometry for a real district: outlines of its areas, lines of its streets, points of its buildings.
//!
//! Where no boundary may be had under a free licence, a profile can still be worked with: `generate` divides an outline
//! among the areas named in the profile's `plan` folder. Names and codes are the plan's; every coordinate is made from its
//! seed. How, and why so, stands in `docs/decisions/0008-synthetic-territory.md`.
//!
//! Only `+ - * /` and square roots are used, which give the same bits on every machine, and all that is compared is
//! compared in whole cells of 1e-7 degrees: the same plan gives the same files everywhere.

mod buildings;
mod cross;
mod divide;
mod land;
mod layers;
mod mesh;
mod outline;
mod plan;
mod staff;
mod streets;
mod trace;
mod warp;
mod write;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use land::Land;
use mesh::Level;
use plan::Plan;

/// A file of a profile: where it stands in the folder, and its whole text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileFile {
    pub path: PathBuf,
    pub text: String,
}

/// Makes the files of the profile in a folder that hold coordinates, and those that name something for every area:
/// organizations, posts and rosters. Nothing is written.
pub fn generate(profile: &Path) -> Result<Vec<ProfileFile>, TerritoryError> {
    let plan = Plan::read(profile)?;
    let land = Land::survey(&plan)?;
    let streets = streets::lay(&plan, &land);
    let buildings = buildings::build(&plan, &land, &streets);
    let layers = [layers::merged(&plan, &land), layers::round(&plan, &land)].concat();
    let areas = write::areas(&plan, &land, &layers);
    let staff = staff::appoint(profile, &areas)?;
    let mut files = write::drawings(&plan, &land, &streets, &layers);
    files.extend(write::tables(&areas, &buildings, &staff)?);
    Ok(files)
}

/// Puts the files in their places, over what stands there.
pub fn write(profile: &Path, files: &[ProfileFile]) -> Result<(), TerritoryError> {
    for file in files {
        let path = profile.join(&file.path);
        let folder = path.parent().unwrap_or(profile);
        let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, &file.text));
        written.map_err(|source| TerritoryError::Put { path, source })?;
    }
    Ok(())
}

#[derive(Debug, thiserror::Error)]
pub enum TerritoryError {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{} is not the plan of a territory", path.display())]
    Toml { path: PathBuf, source: Box<toml::de::Error> },
    #[error("{} is not a table of the plan", path.display())]
    Csv { path: PathBuf, source: csv::Error },
    #[error("cannot make a table")]
    Table(#[source] csv::Error),
    #[error("cannot write {}", path.display())]
    Put { path: PathBuf, source: std::io::Error },
    #[error("the plan names subdistrict {0}, which it does not define")]
    UnknownSubdistrict(String),
    #[error("no straight cut divides face {face} at the level {level:?}: the plan's outline or shares are too extreme")]
    NoCut { level: Level, face: usize },
    #[error("{grids} grids are too few for {communities} communities")]
    TooFewGrids { grids: usize, communities: usize },
    #[error("the outline falls into {rings} rings")]
    Torn { rings: usize },
}
