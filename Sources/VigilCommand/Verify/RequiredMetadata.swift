import ImageTrust
import NotaryVerification
import TrustModel

/// What `--user-metadata` asks of every signature, as `notation verify --user-metadata` does.
struct RequiredMetadata: Sendable, Hashable {
    /// Names and the exact values they must have.
    let annotations: [String: String]

    /// Requires these annotations.
    init(annotations: [String: String]) { self.annotations = annotations }

    /// Reads `key=value` pairs; the first `=` separates.
    ///
    /// - Throws: ``InputError`` for a pair without key or value, and for a key with two values.
    init(_ pairs: [String]) throws(InputError) {
        var annotations: [String: String] = [:]
        for pair in pairs {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw InputError("--user-metadata: \"\(pair.prefix(80))\" is no pair; write key=value")
            }
            let previous = annotations.updateValue(String(parts[1]), forKey: String(parts[0]))
            guard previous.map({ $0.utf8.elementsEqual(parts[1].utf8) }) ?? true else {
                throw InputError("--user-metadata: the key \"\(parts[0].prefix(80))\" is given two values; keep one")
            }
        }
        self.annotations = annotations
    }

    /// The targets with policies that require the metadata as well.
    ///
    /// - Throws: ``InputError`` when a policy requires another value of the same key.
    func applied(to targets: [VerificationTarget]) throws(InputError) -> [VerificationTarget] {
        guard !annotations.isEmpty else { return targets }
        var prepared: [PolicyName: PreparedPolicy] = [:]
        var stricter = targets
        for index in stricter.indices {
            var policies: [PreparedPolicy] = []
            for policy in stricter[index].policies {
                let name = policy.policy.name
                if let known = prepared[name] {
                    policies.append(known)
                    continue
                }
                let stricter = try requiring(policy)
                prepared[name] = stricter
                policies.append(stricter)
            }
            stricter[index].policies = policies
        }
        return stricter
    }

    private func requiring(_ policy: PreparedPolicy) throws(InputError) -> PreparedPolicy {
        guard let stricter = policy.policy.requiring(annotations) else {
            throw InputError(
                "--user-metadata: \(policy.policy.name) requires another value of one of these keys, so no signature could "
                    + "satisfy both; leave the key out"
            )
        }
        do throws(NotaryPolicyError) {
            return try PreparedPolicy(stricter)
        } catch {
            throw InputError("\(policy.policy.name), \(error.field): \(error.message)")
        }
    }
}
