"""How much memory there is, and how PostgreSQL should share it with everything else."""

from pathlib import Path

import psutil

MB = 1 << 20
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def available_bytes() -> int:
    """The memory of this machine, or of this container when that is less."""
    total = int(psutil.virtual_memory().total)
    try:
        limit = CGROUP_LIMIT.read_text().strip()
    except OSError:
        return total
    return min(total, int(limit)) if limit.isdigit() else total


def postgres_memory(total_bytes: int) -> dict[str, str]:
    """PostgreSQL's memory settings for a machine of that size, which it shares."""
    total_mb = total_bytes // MB
    return {
        "shared_buffers": f"{max(32, min(total_mb // 4, 1024))}MB",
        "effective_cache_size": f"{max(64, total_mb // 2)}MB",
        "maintenance_work_mem": f"{max(32, min(total_mb // 16, 512))}MB",
        "work_mem": "32MB",
    }


def redis_memory(total_bytes: int) -> int:
    """The bytes Redis may take before it refuses new events; it never evicts any."""
    return max(256 * MB, min(total_bytes // 4, 4096 * MB))
