import JSONModel

extension Demo {
    /// Waits until each policy has counted its images, and compares the counts with what is expected.
    func checkPolicyCounts(_ scene: Scene) async throws -> [Check] {
        var checks: [Check] = []
        for team in DemoImage.Team.allCases {
            let expected = ImageCounts(expectedOf: team)
            let policy = ["trustpolicy/\(team.rawValue)", "--namespace", cluster.namespace(team)]
            // What it says is compared below, so that a wait in vain is one line of the summary and not the end.
            try await cluster.show(
                ["wait", "--for=jsonpath={.status.images.trusted}=\(expected.trusted)", "--timeout=10s"] + policy
            )
            let text = try await tools.run(.kubectl, ["get"] + policy + ["-o", "json"])
            let seen = ImageCounts(status: try? JSONParser().parse([UInt8](text.utf8)))
            checks.append(
                Check(
                    subject: "the policy \(team.rawValue)/\(team.rawValue) counts its images",
                    expected: expected.description,
                    seen: seen.description,
                    holds: expected == seen
                )
            )
        }
        return checks
    }
}

/// How many images of a policy have which verdict.
struct ImageCounts: Sendable, Hashable, CustomStringConvertible {
    let trusted: Int
    let untrusted: Int
    let unsupported: Int
    let unknown: Int

    /// What the images of a team amount to at the start.
    init(expectedOf team: DemoImage.Team) {
        let outcomes = DemoImage.all.flatMap { image in
            [
                image.team == team ? image.expected : nil,
                image.elsewhere?.team == team ? image.elsewhere?.expected : nil,
            ]
        }
        func count(_ wanted: String) -> Int {
            outcomes.count { outcome in
                guard case .verdict(let verdict, _) = outcome else { return false }
                return verdict == wanted
            }
        }
        trusted = count("Trusted")
        untrusted = count("Untrusted")
        unsupported = count("Unsupported")
        unknown = count("Unknown")
    }

    /// What the status of a policy says; a count that is missing is -1, which equals nothing expected.
    init(status policy: JSONValue?) {
        func count(_ name: String) -> Int {
            policy?.value(at: "status", "images", name)?.integer.map { Int(clamping: $0) } ?? -1
        }
        trusted = count("trusted")
        untrusted = count("untrusted")
        unsupported = count("unsupported")
        unknown = count("unknown")
    }

    var description: String {
        let counts = [
            (trusted, "trusted"), (untrusted, "untrusted"), (unsupported, "unsupported"), (unknown, "unknown"),
        ]
        return counts.filter { $0.0 != 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }
}
