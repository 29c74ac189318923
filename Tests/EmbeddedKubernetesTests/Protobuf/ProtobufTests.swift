import JSONModel
import Testing

@testable import EmbeddedKubernetes

@Suite("Protobuf bodies")
struct ProtobufTests {
    /// `kubectl create configmap cm --from-literal=a=b` as it arrives.
    private static let configMap: [UInt8] = {
        func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }
        let metadata = field(1, Array("cm".utf8)) + field(2, []) + field(8, [])
        let entry = field(1, Array("a".utf8)) + field(2, Array("b".utf8))
        let raw = field(1, metadata) + field(2, entry)
        let type = field(1, Array("v1".utf8)) + field(2, Array("ConfigMap".utf8))
        return [0x6B, 0x38, 0x73, 0x00] + field(1, type) + field(2, raw) + field(3, []) + field(4, [])
    }()

    @Test("A typed client's body becomes the JSON object, without Go's empty members")
    func decodes() throws {
        #expect(
            try KubernetesProtobuf.decode(Self.configMap)
                == ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "cm"], "data": ["a": "b"]]
        )
    }

    @Test("Every truncation and every flipped byte is an error or an object, never a trap")
    func mutations() {
        for length in 0..<Self.configMap.count {
            _ = try? KubernetesProtobuf.decode(Array(Self.configMap.prefix(length)))
        }
        for index in Self.configMap.indices {
            for bit in 0..<8 {
                var bytes = Self.configMap
                bytes[index] ^= 1 << UInt8(bit)
                _ = try? KubernetesProtobuf.decode(bytes)
            }
        }
        #expect(throws: ProtobufError.self) { try KubernetesProtobuf.decode([]) }
        let huge: [UInt8] = [0x6B, 0x38, 0x73, 0x00, 0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]
        #expect(throws: ProtobufError.self) { try KubernetesProtobuf.decode(huge) }
    }
}
