/// A private registry of Amazon ECR, as its host names it (AWS General Reference, "Amazon ECR endpoints and quotas").
///
/// Images name registries, and so whoever writes a pod could have a credential sent to a machine of his own: only the
/// very forms that AWS gives out count. The public gallery, `public.ecr.aws`, is read without a credential.
struct AmazonRegistry: Sendable, Hashable {
    /// Where its account is: the part of the world that has identities of its own.
    let region: AmazonRegion
    /// The host that is asked for its credentials.
    let service: String

    /// Reads a host; `nil` for one that is no private registry.
    ///
    /// `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, also with `.cn` behind it for regions of China, `ecr-fips` for `ecr`, and
    /// `ACCOUNT.dkr-ecr.REGION.on.aws` for both versions of IP.
    init?(host: String) {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard let account = labels.first, account.utf8.count == 12, account.utf8.allSatisfy(\.isDigit) else {
            return nil
        }
        switch labels.count {
        case 5 where labels[3...] == ["on", "aws"]:
            guard let region = AmazonRegion(labels[2]), !region.isChina else { return nil }
            switch labels[1] {
            case "dkr-ecr": service = "ecr.\(region.name).api.aws"
            case "dkr-ecr-fips": service = "ecr-fips.\(region.name).api.aws"
            default: return nil
            }
            self.region = region
        case 6, 7:
            guard labels[1] == "dkr", let region = AmazonRegion(labels[3]),
                labels[4...].joined(separator: ".") == region.domain
            else { return nil }
            switch labels[2] {
            case "ecr": service = "api.ecr.\(region.name).\(region.domain)"
            case "ecr-fips": service = "ecr-fips.\(region.name).\(region.domain)"
            default: return nil
            }
            self.region = region
        default: return nil
        }
    }
}

/// A region of AWS.
struct AmazonRegion: Sendable, Hashable {
    /// Its name, such as `eu-central-1`.
    let name: String

    /// Checks a name; `nil` for what cannot be one.
    ///
    /// It becomes a part of hosts: words of letters, and a number at the end.
    init?(_ name: String) {
        let words = name.split(separator: "-", omittingEmptySubsequences: false)
        guard (3...4).contains(words.count), name.utf8.count <= 32, let number = words.last,
            (1...2).contains(number.utf8.count), number.utf8.allSatisfy(\.isDigit),
            words.dropLast().allSatisfy({ word in
                (2...12).contains(word.utf8.count) && word.utf8.allSatisfy { (0x61...0x7a).contains($0) }
            })
        else { return nil }
        self.name = name
    }

    /// Whether it is one of those in China, which have identities and a domain of their own.
    var isChina: Bool { name.hasPrefix("cn-") }

    /// The domain of its services.
    var domain: String { isChina ? "amazonaws.com.cn" : "amazonaws.com" }
}

extension UInt8 {
    /// Whether it is a decimal digit of ASCII.
    var isDigit: Bool { (0x30...0x39).contains(self) }
}
