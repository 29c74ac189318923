import KubernetesAPI
import Testing

@testable import KubernetesRuntime

@Suite("The demand for named objects")
struct NamedObjectDemandTests {
    private func object(_ name: String) -> NamedObject {
        NamedObject(
            ResourceType(group: "", version: "v1", plural: "configmaps", kind: "ConfigMap", isNamespaced: true),
            namespace: "n",
            name: name
        )
    }

    private func names(_ objects: some Sequence<NamedObject>) -> [String] { objects.map(\.name).sorted() }

    @Test("An object is watched from the first who wants it to the last who does not")
    func owners() {
        var demand = NamedObjectDemand<String>(limit: 10)
        let first = demand.want([object("a"), object("b")], owner: "one")
        #expect(names(first.begin) == ["a", "b"] && first.end.isEmpty)
        let second = demand.want([object("b"), object("c")], owner: "two")
        #expect(names(second.begin) == ["c"] && second.end.isEmpty)
        #expect(demand.owners(of: object("b")) == ["one", "two"])
        let third = demand.want([], owner: "one")
        #expect(third.begin.isEmpty && names(third.end) == ["a"])
        let fourth = demand.want([object("c")], owner: "two")
        #expect(names(fourth.end) == ["b"])
        #expect(names(demand.watched) == ["c"])
        #expect(demand.owners(of: object("a")).isEmpty)
        let same = demand.want([object("c")], owner: "two")
        #expect(same.begin.isEmpty && same.end.isEmpty)
    }

    @Test("Beyond the limit objects wait, and none that is watched gives way")
    func limit() {
        var demand = NamedObjectDemand<String>(limit: 2)
        #expect(names(demand.want([object("m"), object("n"), object("o")], owner: "one").begin) == ["m", "n"])
        #expect(demand.want([object("a")], owner: "two").begin.isEmpty)
        let freed = demand.want([object("n")], owner: "one")
        #expect(names(freed.end) == ["m"] && names(freed.begin) == ["a"])
        var none = NamedObjectDemand<String>(limit: -1)
        #expect(none.want([object("a")], owner: "one").begin.isEmpty)
    }
}
