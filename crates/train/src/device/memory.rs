//! How much memory there is for this program: what the system has left, and what it lets this process have.
//!
//! Linux tells that in files; elsewhere nothing is known.

use std::fs;
use std::path::{Path, PathBuf};

use super::DeviceName;

/// Memory that there is, and what sets the bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// How much, in bytes.
    pub(crate) bytes: u64,
    /// What allows no more.
    pub(crate) bound: Bound,
}

/// What memory is bounded by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// There is no more in this machine.
    Machine,
    /// A control group, such as a container's.
    ControlGroup,
    /// `ulimit -v`.
    AddressSpace,
}

impl DeviceName {
    /// Whether what it computes with is in this machine's memory, as Burn's own code on the processor has it.
    #[must_use]
    pub(crate) fn is_in_memory(&self) -> bool {
        matches!(self, Self::Flex | Self::NdArray)
    }
}

/// A version of control groups: where they are, and what their files are called.
struct Groups {
    /// Where all of them are.
    root: PathBuf,
    /// The name of the process's own.
    own: String,
    limit: &'static str,
    used: &'static str,
    /// What begins the lines of `memory.stat` that say how much of what is used is but a copy of files.
    files: [&'static str; 2],
}

/// The memory that there is; None where the system doesn't tell.
#[must_use]
pub(crate) fn room() -> Option<Room> {
    below(Path::new("/"))
}

/// The same of a system whose files are below `root`.
fn below(root: &Path) -> Option<Room> {
    let read = |name: &str| fs::read_to_string(root.join(name)).unwrap_or_default();
    let machine = read("proc/meminfo");
    // What the system can move to a disk makes room as well.
    let swap = kilobytes(&machine, "SwapFree:").unwrap_or(0);
    let of_machine = kilobytes(&machine, "MemAvailable:").map(|free| free.saturating_add(swap));
    let of_groups = groups(root, &read("proc/self/cgroup")).iter().filter_map(left_in).min();
    let of_space = address_space(&read("proc/self/limits"), &read("proc/self/status"));
    let all = [
        (of_machine, Bound::Machine),
        (of_groups.map(|left| left.saturating_add(swap)), Bound::ControlGroup),
        (of_space, Bound::AddressSpace),
    ];
    let known = all.into_iter().filter_map(|(bytes, bound)| Some(Room { bytes: bytes?, bound }));
    known.min_by_key(|room| room.bytes)
}

/// The bytes of a line such as `MemAvailable:   23523 kB`.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1_024)
}

/// The control groups that bound this process, by what `/proc/self/cgroup` says.
fn groups(root: &Path, told: &str) -> Vec<Groups> {
    let group = |line: &str| {
        let mut fields = line.splitn(3, ':');
        let (_, controllers, own) = (fields.next()?, fields.next()?, fields.next()?);
        let own = own.trim_start_matches('/').to_owned();
        if controllers.is_empty() {
            let files = ["inactive_file ", "active_file "];
            let root = root.join("sys/fs/cgroup");
            return Some(Groups { root, own, limit: "memory.max", used: "memory.current", files });
        }
        let files = ["total_inactive_file ", "total_active_file "];
        let root = root.join("sys/fs/cgroup/memory");
        let is_memory = controllers.split(',').any(|controller| controller == "memory");
        let (limit, used) = ("memory.limit_in_bytes", "memory.usage_in_bytes");
        is_memory.then_some(Groups { root, own, limit, used, files })
    };
    told.lines().filter_map(group).collect()
}

/// What is left in a group and in all that it is part of, in bytes. In a container, its own name may be one that only
/// those outside see; then the outermost that is there counts.
fn left_in(groups: &Groups) -> Option<u64> {
    let Groups { root, own, limit, used, files } = groups;
    let number = |path: PathBuf| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let left = |folder: PathBuf| {
        let (limit, used) = (number(folder.join(limit))?, number(folder.join(used))?);
        let stat = fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
        let count = |name: &&str| stat.lines().find_map(|line| line.strip_prefix(*name)?.parse::<u64>().ok());
        // The system drops copies of files when memory is needed.
        let copies: u64 = files.iter().filter_map(count).fold(0, u64::saturating_add);
        Some(limit.saturating_sub(used.saturating_sub(copies)))
    };
    Path::new(own).ancestors().filter_map(|group| left(root.join(group))).min()
}

/// What is left of the addresses that the process may use; None if it may use all.
fn address_space(limits: &str, status: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    let limit: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(limit.saturating_sub(kilobytes(status, "VmSize:")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KB: u64 = 1_024;

    /// A system with these files.
    fn system(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    #[track_caller]
    fn finds(files: &[(&str, &str)], bytes: u64, bound: Bound) {
        assert_eq!(below(system(files).path()), Some(Room { bytes, bound }));
    }

    const MACHINE: (&str, &str) =
        ("proc/meminfo", "MemTotal:  9000 kB\nMemAvailable:    700 kB\nSwapFree:  50 kB\n");

    #[test]
    fn the_machine_has_what_is_available_and_what_can_be_moved_to_a_disk() {
        finds(&[MACHINE], 750 * KB, Bound::Machine);
        assert_eq!(below(system(&[]).path()), None);
        #[cfg(target_os = "linux")]
        assert!(room().unwrap().bytes > 1 << 20);
    }

    #[test]
    fn a_limit_on_addresses_counts_from_those_in_use() {
        let status = ("proc/self/status", "Name:\ttrain\nVmSize:\t  100 kB\n");
        let limits =
            |value: &str| format!("Max cpu time  1 1 s\nMax address space   {value}   {value}  bytes\n");
        let [tight, none] = ["307200", "unlimited"].map(limits);
        finds(&[MACHINE, status, ("proc/self/limits", &tight)], 200 * KB, Bound::AddressSpace);
        finds(&[MACHINE, status, ("proc/self/limits", &none)], 750 * KB, Bound::Machine);
    }

    #[test]
    fn of_control_groups_the_tightest_counts_wherever_it_is() {
        let own = ("proc/self/cgroup", "0::/a/b\n");
        let in_use = "409600"; // 400 kB
        let inner = ("sys/fs/cgroup/a/b/memory.max", "max\n");
        let outer = ("sys/fs/cgroup/a/memory.max", "614400\n"); // 600 kB
        let used = ("sys/fs/cgroup/a/memory.current", in_use);
        let stat = ("sys/fs/cgroup/a/memory.stat", "anon 1\ninactive_file 51200\nactive_file 102400\n");
        finds(&[MACHINE, own, inner, outer, used], (200 + 50) * KB, Bound::ControlGroup);
        finds(&[MACHINE, own, inner, outer, used, stat], (350 + 50) * KB, Bound::ControlGroup);
        finds(&[MACHINE, own, inner], 750 * KB, Bound::Machine);
    }

    #[test]
    fn a_container_of_the_older_kind_sees_its_group_at_the_root() {
        let own = ("proc/self/cgroup", "5:cpu,cpuacct:/docker/x\n4:memory:/docker/x\n");
        let limit = ("sys/fs/cgroup/memory/memory.limit_in_bytes", "204800");
        let used = ("sys/fs/cgroup/memory/memory.usage_in_bytes", "102400");
        let stat = ("sys/fs/cgroup/memory/memory.stat", "inactive_file 1\ntotal_inactive_file 51200\n");
        finds(&[MACHINE, own, limit, used, stat], (150 + 50) * KB, Bound::ControlGroup);
    }
}
