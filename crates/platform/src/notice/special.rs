//! Addresses of the net at which no outside system is told anything: what the registries of special-purpose addresses hold.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// IANA's registry of special-purpose IPv4 addresses, multicast, and the two addresses at which clouds tell machines their
/// credentials that no such block holds.
const SPECIAL_4: &[(u8, u8, u8, u8, u8)] = &[
    (0, 0, 0, 0, 8),
    (10, 0, 0, 0, 8),
    (100, 64, 0, 0, 10),
    (127, 0, 0, 0, 8),
    (169, 254, 0, 0, 16),
    (172, 16, 0, 0, 12),
    (192, 0, 0, 0, 24),
    (192, 0, 2, 0, 24),
    (192, 31, 196, 0, 24),
    (192, 52, 193, 0, 24),
    (192, 88, 99, 0, 24),
    (192, 168, 0, 0, 16),
    (192, 175, 48, 0, 24),
    (198, 18, 0, 0, 15),
    (198, 51, 100, 0, 24),
    (203, 0, 113, 0, 24),
    (224, 0, 0, 0, 4),
    (240, 0, 0, 0, 4),
    (168, 63, 129, 16, 32),
];

/// The same of IPv6, within the block of global unicast; nothing outside that block is told anything.
const SPECIAL_6: &[([u16; 8], u32)] = &[
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    ([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

/// Whether a system at this address may be told: one on the public net, or in a network that the operator allows.
pub fn is_permitted(address: IpAddr, allowed: &[IpNet]) -> bool {
    is_allowed(address, allowed) || !is_special(address)
}

/// Whether the operator allows its network.
pub fn is_allowed(address: IpAddr, allowed: &[IpNet]) -> bool {
    let address = address.to_canonical();
    allowed.iter().any(|network| network.contains(&address))
}

fn is_special(address: IpAddr) -> bool {
    // One that is written as IPv6 but leads to IPv4 is judged as what it leads to.
    match address.to_canonical() {
        IpAddr::V4(address) => is_special_4(address),
        IpAddr::V6(address) => is_special_6(address),
    }
}

fn is_special_4(address: Ipv4Addr) -> bool {
    SPECIAL_4.iter().any(|(a, b, c, d, length)| {
        let mask = u32::MAX << (32 - u32::from(*length));
        u32::from(address) & mask == u32::from(Ipv4Addr::new(*a, *b, *c, *d)) & mask
    })
}

fn is_special_6(address: Ipv6Addr) -> bool {
    let is_in = |(block, length): &([u16; 8], u32)| {
        let mask = u128::MAX << (128 - length);
        u128::from(address) & mask == u128::from(Ipv6Addr::from(*block)) & mask
    };
    let is_global = is_in(&([0x2000, 0, 0, 0, 0, 0, 0, 0], 3));
    !is_global || SPECIAL_6.iter().any(is_in)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(permitted: bool, addresses: &[&str]) {
        for address in addresses {
            assert_eq!(is_permitted(address.parse().unwrap(), &[]), permitted, "{address}");
        }
    }

    #[test]
    fn what_is_not_the_public_net_is_refused() {
        check(
            false,
            &[
                "0.0.0.0",
                "10.1.2.3",
                "100.64.0.1",
                "100.100.100.200",
                "127.0.0.1",
                "127.255.255.254",
                "168.63.129.16",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.8",
                "192.168.1.1",
                "198.19.255.255",
                "203.0.113.9",
                "224.0.0.251",
                "239.255.255.255",
                "240.0.0.1",
                "255.255.255.255",
            ],
        );
        check(
            false,
            &[
                "::",
                "::1",
                "::127.0.0.1",
                "::ffff:127.0.0.1",
                "::ffff:169.254.169.254",
                "64:ff9b::7f00:1",
                "64:ff9b:1::1",
                "100::1",
                "2001::1",
                "2001:1ff:ffff::1",
                "2001:db8::1",
                "2002:7f00:1::",
                "2620:4f:8000::1",
                "3fff::1",
                "5f00::1",
                "fc00::1",
                "fd00:ec2::254",
                "fe80::1",
                "fec0::1",
                "ff02::1",
            ],
        );
    }

    #[test]
    fn the_public_net_is_permitted() {
        check(
            true,
            &["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.32.0.0", "223.255.255.255"],
        );
        check(true, &["2400:3200::1", "2606:4700::1", "2001:200::1", "::ffff:1.1.1.1"]);
    }

    #[test]
    fn what_the_operator_allows_is_permitted_however_it_is_written() {
        let allowed: Vec<IpNet> = vec!["10.20.0.0/16".parse().unwrap(), "fd12::/32".parse().unwrap()];
        for address in ["10.20.3.4", "::ffff:10.20.3.4", "fd12::7"] {
            assert!(is_permitted(address.parse().unwrap(), &allowed), "{address}");
        }
        for address in ["10.21.0.1", "127.0.0.1", "fd13::1", "::10.20.3.4"] {
            assert!(!is_permitted(address.parse().unwrap(), &allowed), "{address}");
        }
    }
}
