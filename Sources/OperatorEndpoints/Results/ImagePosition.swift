import FoundationEssentials
import JSONModel
import KubernetesAPI
import TrustModel
import TrustResources

/// Where an image stands in an order: after this, a page goes on.
///
/// It names the last image and no number of images, so that nothing is left out or comes twice when others come and go
/// between two pages.
struct ImagePosition: Sendable, Hashable {
    let order: ImagesQuery.Order
    /// What is compared, the weightiest first.
    private let parts: [String]

    /// How much of a repository is compared, in characters: hostile ones are long, and what follows decides then.
    private static let maximumCharacters = 128

    /// The place of `result`.
    init(_ result: ImageResult, in order: ImagesQuery.Order) {
        let name = [result.key.namespace ?? "", result.key.name]
        self.order = order
        switch order {
        case .name: parts = name
        case .severity: parts = [Self.rank(result), String(result.repository.prefix(Self.maximumCharacters))] + name
        }
    }

    /// Reads what ``token`` gave; `nil` for anything else.
    init?(token: String) {
        guard let data = Data(base64Encoded: token.replacing("-", with: "+").replacing("_", with: "/")),
            let values = try? JSONParser().parse(Array(data)).array?.map(\.string), let written = values.first ?? nil,
            let order = ImagesQuery.Order(rawValue: written)
        else { return nil }
        let parts = values.dropFirst().compactMap(\.self)
        guard parts.count == values.count - 1, parts.count == (order == .name ? 2 : 4) else { return nil }
        self.order = order
        self.parts = parts
    }

    /// The position as an opaque word.
    var token: String {
        let value = JSONValue.array(([order.rawValue] + parts).map { .string($0) })
        return Data(JSONSerializer().bytes(value)).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_")
    }

    private static func rank(_ result: ImageResult) -> String {
        switch result.verdict {
        case .untrusted: "0"
        case .unknown: "1"
        case nil: "2"
        case .unsupported: "3"
        case .trusted: "4"
        }
    }
}

extension ImagePosition: Comparable {
    static func < (left: ImagePosition, right: ImagePosition) -> Bool {
        left.parts.lexicographicallyPrecedes(right.parts)
    }
}
