import JSONModel
import OCIModel

/// A JSON object all of whose members have to be asked for: one that nobody asks for is a mistake.
struct StrictObject {
    private var members: [String: JSONValue]
    private let place: String

    init(_ value: JSONValue, _ place: String) throws(BundleError) {
        guard let members = value.object else { throw BundleError("\(place) is no object") }
        self.members = members
        self.place = place
    }

    /// Whether there is a member that was not asked for yet.
    func has(_ name: String) -> Bool { members[name] != nil }

    mutating func value(_ name: String) throws(BundleError) -> JSONValue {
        guard let value = members.removeValue(forKey: name) else { throw BundleError("\(place).\(name) is missing") }
        return value
    }

    mutating func string(_ name: String) throws(BundleError) -> String {
        guard let text = try value(name).string else { throw error(name, "is no string") }
        return text
    }

    mutating func optionalString(_ name: String) throws(BundleError) -> String? {
        let value = try value(name)
        guard !value.isNull else { return nil }
        guard let text = value.string else { throw error(name, "is neither a string nor null") }
        return text
    }

    mutating func integer(_ name: String, in bounds: ClosedRange<Int64>) throws(BundleError) -> Int64 {
        guard let number = try value(name).integer, bounds.contains(number) else {
            throw error(name, "is no number from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        return number
    }

    mutating func array(_ name: String) throws(BundleError) -> [JSONValue] {
        guard let elements = try value(name).array else { throw error(name, "is no array") }
        return elements
    }

    mutating func strings(_ name: String) throws(BundleError) -> [String: String] {
        guard let object = try value(name).object else { throw error(name, "is no object") }
        var texts: [String: String] = [:]
        for (key, value) in object {
            guard let text = value.string else { throw error("\(name)[\(key.prefix(64))]", "is no string") }
            texts[key] = text
        }
        return texts
    }

    mutating func optionalStrings(_ name: String) throws(BundleError) -> [String: String]? {
        if members[name]?.isNull ?? false {
            members[name] = nil
            return nil
        }
        return try strings(name)
    }

    mutating func object(_ name: String) throws(BundleError) -> StrictObject {
        try StrictObject(try value(name), "\(place).\(name)")
    }

    /// The member, read by a type of its own.
    mutating func read<Value>(
        _ name: String,
        _ read: (String) throws(OCIError) -> Value
    ) throws(BundleError) -> Value {
        let text = try string(name)
        do throws(OCIError) {
            return try read(text)
        } catch {
            throw self.error(name, "cannot be read: \(error.message)")
        }
    }

    /// Checks that nothing is left over.
    func end() throws(BundleError) {
        guard let name = members.keys.min() else { return }
        throw BundleError("\(place).\(name.prefix(64)) is not known; a newer version may have written this")
    }

    func error(_ name: String, _ message: String) -> BundleError { BundleError("\(place).\(name) \(message)") }
}
