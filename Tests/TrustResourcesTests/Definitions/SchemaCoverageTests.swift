import JSONModel
import Testing
import TrustResources

/// The Swift types and the schemas are written separately: these tests hold them together, field by field.
struct SchemaCoverageTests {
    @Test("every field that a TrustPolicy can have is in its schema, and the other way round")
    func trustPolicy() throws {
        try compare(Samples.trustPolicy(), with: CustomResourceDefinitions.trustPolicy)
    }

    @Test("every field that a ClusterTrustPolicy can have is in its schema, and the other way round")
    func clusterTrustPolicy() throws {
        try compare(Samples.clusterTrustPolicy(), with: CustomResourceDefinitions.clusterTrustPolicy)
    }

    @Test("every field that an ImageVerification can have is in its schema, and the other way round")
    func imageVerification() throws {
        try compare(Samples.imageVerification(), with: CustomResourceDefinitions.imageVerification)
    }

    @Test("a fully populated object survives being written and read")
    func roundTrip() throws {
        let policy = Samples.trustPolicy()
        #expect(try Coding.decode(TrustPolicy.self, Coding.json(policy)) == policy)
        let cluster = Samples.clusterTrustPolicy()
        #expect(try Coding.decode(ClusterTrustPolicy.self, Coding.json(cluster)) == cluster)
        let verification = Samples.imageVerification()
        #expect(try Coding.decode(ImageVerification.self, Coding.json(verification)) == verification)
    }

    @Test("the comparison notices a field that the schema lacks")
    func comparisonWorks() throws {
        var walk = SchemaWalk()
        walk.visit(
            ["spec": ["image": "x", "novelty": 1]],
            shape: CustomResourceDefinitions.imageVerification.schema.json,
            path: ""
        )
        #expect(walk.unknown == ["spec.novelty"])
        #expect(walk.seen == ["spec.image"])
    }

    private func compare(_ object: some Encodable, with definition: CustomResourceDefinition) throws {
        let json = try Coding.json(object)
        #expect(definition.schema.validate(json).map(\.description) == [])
        var walk = SchemaWalk()
        walk.visit(json, shape: definition.schema.json, path: "")
        #expect(walk.unknown == [])
        let leaves = SchemaWalk.leaves(definition.schema.json, path: "").filter { !$0.hasPrefix("metadata") }
        #expect(leaves.subtracting(walk.seen).sorted() == [])
    }
}

/// Goes through a value and an OpenAPI schema side by side.
private struct SchemaWalk {
    var seen: Set<String> = []
    var unknown: [String] = []

    mutating func visit(_ value: JSONValue, shape: JSONValue, path: String) {
        guard let properties = shape["properties"]?.object else {
            if let items = shape["items"], let elements = value.array {
                for element in elements { visit(element, shape: items, path: "\(path)[]") }
            } else {
                seen.insert(path)
            }
            return
        }
        for (name, member) in value.object ?? [:] {
            let path = path.isEmpty ? name : "\(path).\(name)"
            guard path != "metadata" else { continue }
            guard let property = properties[name] else {
                unknown.append(path)
                continue
            }
            visit(member, shape: property, path: path)
        }
    }

    static func leaves(_ shape: JSONValue, path: String) -> Set<String> {
        if let properties = shape["properties"]?.object {
            return properties.reduce(into: []) { leaves, property in
                leaves.formUnion(
                    Self.leaves(property.value, path: path.isEmpty ? property.key : "\(path).\(property.key)")
                )
            }
        }
        if let items = shape["items"] { return leaves(items, path: "\(path)[]") }
        return [path]
    }
}
