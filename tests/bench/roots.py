"""Synthetic endpoints for the benchmarks: folders that look like a Debian system of a given size."""

import os
import struct

NOW = 1_790_000_000
DAY = 86_400


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())


def stanza(number, version):
    """One package as dpkg keeps it (deb-control(5)), with the long fields that make most of a real file."""
    depends = ", ".join(f"libneeded{(number + i) % 700} (>= 1.{i}.2~)" for i in range(6))
    return (
        f"Package: package-{number}\nStatus: install ok installed\nPriority: optional\nSection: libs\n"
        f"Installed-Size: {number * 7 % 9000}\nMaintainer: Team {number % 50} <team{number % 50}@example.org>\n"
        f"Architecture: amd64\nMulti-Arch: same\nSource: source-{number // 3}\nVersion: {version}\n"
        f"Depends: {depends}\nSuggests: package-doc-{number}\n"
        f"Conffiles:\n /etc/package-{number}.conf 0123456789abcdef0123456789abcdef\n"
        "Description: one line about the package\n"
        " A longer text of a few lines, as packages have it. Nobody but a person reads it,\n"
        " but every parser of the file has to pass over it, which is most of its work.\n .\n"
        " A second paragraph of about the same length as the first one, because most packages\n"
        " say a little about what they are for and where they come from.\n"
        f"Homepage: https://example.org/package-{number}\n\n"
    )


def version(number, own):
    return f"3.{number % 10}.{own}-1~deb12u{number % 5}"


def packages(root, count, host=0):
    """`count` packages; one of a hundred has a version that only this host has."""
    text = "".join(stanza(i, version(i, host if i % 100 == host % 100 else 11)) for i in range(count))
    write(f"{root}/var/lib/dpkg/status", text)
    for i in range(count):
        write(f"{root}/var/lib/dpkg/info/package-{i}:amd64.list", "")


def utmp_record(kind, pid, line, user, host, at):
    """struct utmp of x86-64 glibc (utmp(5)), 384 bytes."""
    return struct.pack(
        "<hxxi32s4s32s256shhiii16s20x", kind, pid, line, line[-4:], user, host, 0, 0, 0, at, 0, b"")


def accounts(root, count, logins):
    """`count` accounts, eight of them people, and a wtmp of `logins` records (384 bytes each)."""
    passwd, shadow, group = [], [], []
    for i in range(count):
        person = 1 <= i <= 8
        name = "root" if i == 0 else f"person{i}" if person else f"service{i}"
        uid = 0 if i == 0 else 1000 + i if person else 100 + i
        shell = "/bin/bash" if person or i == 0 else "/usr/sbin/nologin"
        passwd.append(f"{name}:x:{uid}:{uid}:{name},,,:/home/{name}:{shell}\n")
        shadow.append(f"{name}:{'$y$j9T$abc$def' if person else '*'}:20000:0:99999:7:::\n")
        group.append(f"{name}:x:{uid}:\n")
    group.append("sudo:x:27:person1\n")
    write(f"{root}/etc/passwd", "".join(passwd))
    write(f"{root}/etc/shadow", "".join(shadow))
    write(f"{root}/etc/group", "".join(group))
    write(f"{root}/etc/sudoers", "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n")
    write(f"{root}/etc/login.defs", "UID_MIN 1000\nUID_MAX 60000\n")
    records = []
    for i in range(logins // 2):
        at = NOW - 200 * DAY + i * 3600
        user = f"person{1 + i % 8}".encode()
        records.append(utmp_record(7, 1000 + i, b"pts/%d" % (i % 20), user, b"192.0.2.%d" % (i % 250), at))
        records.append(utmp_record(8, 1000 + i, b"pts/%d" % (i % 20), b"", b"", at + 1800))
    write(f"{root}/var/log/wtmp", b"".join(records))
    write(f"{root}/var/log/lastlog", b"".join(struct.pack("<i32s256s", 0, b"", b"") for _ in range(1100)))


def machine(root, count, host=0, accounts_count=37, logins=8192):
    packages(root, count, host)
    accounts(root, accounts_count, logins)
    write(f"{root}/etc/os-release", 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\n'
          'VERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n')
    write(f"{root}/etc/hostname", f"pc-{host}\n")
    write(f"{root}/etc/machine-id", f"{host:032x}\n")
    return root
