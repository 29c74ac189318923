import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import TrustResources

/// Keeps the report of one verification: makes it, and changes it when it says something else.
///
/// A report that nobody needs any more goes with its verification, which owns it. A server that has no reports is left
/// alone, and given all of them once it has.
struct PolicyReportReconciler: Sendable {
    let client: APIClient
    let verifications: Informer<ImageVerification, ImageVerification>
    /// The operator's own reports; of each only what tells whether it is as it should be.
    let reports: Informer<PolicyReport, Int>
    let consistency: ConsistencyStore<ObjectKey>
    let logger: Logger

    /// What is kept of a report, to compare it.
    static func mark(_ report: PolicyReport) -> Int { report.content.hashValue }

    /// Which reports are the operator's.
    static func selection(namespace: String?) -> ObjectSelection {
        ObjectSelection(
            namespace: namespace,
            labelSelector: "\(TrustAPI.managedByLabel)=\(TrustAPI.managedByValue)"
        )
    }

    /// How soon a report is tried again that could not be made because the server has no reports.
    private static let absenceDelay: Duration = .seconds(300)

    func reconcile(_ key: ObjectKey) async throws -> ReconcileOutcome {
        guard let verification = verifications.value(key), verification.metadata.deletionTimestamp == nil,
            let report = PolicyReport(reporting: verification)
        else { return .done }
        let existing = reports.object(report.key)
        if existing?.value == Self.mark(report) { return .done }
        do {
            if let existing {
                consistency.wrote(try await change(existing.uid, report), for: key)
            } else {
                consistency.wrote(try await client.resource(PolicyReport.self).create(report), for: key)
            }
        } catch let error as APIError where [404, 405].contains(error.httpStatus) {
            // The definition went away or is about to (405, apiextensions-apiserver's customresource_handler.go), or the
            // report did, or the namespace. When it is otherwise the watch tells, or its next synchronisation.
            return .requeue(after: Self.absenceDelay)
        } catch let error as APIError where error.code == .alreadyExists {
            logger.warning(
                "a report of this name is another's, and is left alone",
                metadata: ["report": "\(report.key)"]
            )
        } catch let error as APIError where error.isNamespaceTerminating {
            return .done
        }
        return .done
    }

    /// Changes a report, if it is still the same.
    private func change(_ uid: String, _ report: PolicyReport) async throws -> PolicyReport {
        var value = try JSONParser().parse(Array(JSONEncoder().encode(report)))
        // A merge replaces lists whole; an uid that is another is a conflict.
        if case .object(var members) = value, case .object(var metadata) = members["metadata"] {
            metadata["uid"] = .string(uid)
            metadata["name"] = nil
            metadata["namespace"] = nil
            members["metadata"] = .object(metadata)
            value = .object(members)
        }
        return try await client.resource(PolicyReport.self).patch(
            report.metadata.name,
            namespace: report.metadata.namespace,
            .merge(value)
        )
    }
}
