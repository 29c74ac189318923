import Foundation
import JSONModel
import KubernetesAPI
import TestDocuments
import Testing

@testable import TrustResources

struct SampleTests {
    static let names = ((try? Checkout.names(in: "config/samples", suffix: ".yaml")) ?? [])
        .filter { $0 != "kustomization.yaml" }

    @Test("there are samples of every kind")
    func kinds() throws {
        let kinds = try Self.names.flatMap { try YAMLText.documents(Checkout.text("config/samples/\($0)")) }
            .compactMap { $0["kind"]?.string }
        #expect(Set(kinds).isSuperset(of: CustomResourceDefinitions.definitions.map { $0.resource.kind }))
    }

    @Test("all of them can be applied at once, and none overwrites another")
    func together() throws {
        let list = try #require(try YAMLText.documents(Checkout.text("config/samples/kustomization.yaml")).first)
        #expect(list["resources"]?.array?.compactMap(\.string) == Self.names)
        let objects = try Self.names.flatMap { try YAMLText.documents(Checkout.text("config/samples/\($0)")) }
        let keys = objects.map { object in
            [object["kind"], object.value(at: "metadata", "namespace"), object.value(at: "metadata", "name")]
        }
        #expect(!keys.isEmpty && Set(keys).count == keys.count)
    }

    @Test("every sample passes the strict validator and compiles without a warning", arguments: names)
    func samples(_ name: String) throws {
        let documents = try YAMLText.documents(Checkout.text("config/samples/\(name)"))
        #expect(!documents.isEmpty)
        var certificates: [CertificateReference: CertificateLookup] = [:]
        for document in documents { certificates.merge(Self.certificates(document)) { first, _ in first } }
        let inVault = CertificateLookup.found(Array(try Samples.certificate().utf8))
        let found = certificates
        let compiler = PolicyCompiler { reference in
            if case .keyVault = reference { return inVault }
            return found[reference] ?? .unavailable("does not exist")
        }
        for document in documents {
            let kind = try #require(document["kind"]?.string)
            guard let definition = CustomResourceDefinitions.definition(forKind: kind) else {
                #expect(["ConfigMap", "Secret"].contains(kind))
                continue
            }
            #expect(definition.schema.validate(document).map(\.description) == [])
            let complete = definition.schema.applyDefaults(to: document)
            switch kind {
            case "TrustPolicy":
                let policy = try Coding.decode(TrustPolicy.self, complete)
                #expect(try compiler.compile(policy, now: Samples.time).warnings == [])
            case "ClusterTrustPolicy":
                let policy = try Coding.decode(ClusterTrustPolicy.self, complete)
                #expect(try compiler.compile(policy, now: Samples.time).warnings == [])
            default:
                let verification = try Coding.decode(ImageVerification.self, complete)
                #expect(!verification.isManaged)
            }
        }
    }

    private static func certificates(_ document: JSONValue) -> [CertificateReference: CertificateLookup] {
        guard let kind = document["kind"]?.string.flatMap(CertificateObject.Kind.init) else { return [:] }
        let texts = (document["data"] ?? document["stringData"])?.object ?? [:]
        return texts.reduce(into: [:]) { found, entry in
            let object = CertificateObject(
                kind: kind,
                namespace: document.value(at: "metadata", "namespace")?.string ?? "default",
                name: document.value(at: "metadata", "name")?.string ?? "",
                key: entry.key
            )
            found[.object(object)] = .found(Array((entry.value.string ?? "").utf8))
        }
    }
}
