/// Which fields of a message are read, and what they are called in JSON.
///
/// API servers write their own kinds in Protocol Buffers with a third of the work that JSON is to them (Kubernetes API
/// concepts, "Kubernetes Protobuf encoding"). A shape holds no more of a kind than its ``ObjectProjection`` looks at: what is
/// not in it is passed over, so a projection that learns to read another member needs it here too.
public struct ProtobufShape: Sendable, Hashable {
    /// What a field holds.
    public indirect enum Content: Sendable, Hashable {
        /// A text; an empty one is left out, as JSON leaves it out.
        case text
        /// A whole number.
        case integer
        /// A moment, to the second.
        case time
        /// Texts by name.
        case texts
        /// One message.
        case message(ProtobufShape)
        /// One message whose members JSON has among those of the message around it.
        case inlined(ProtobufShape)
        /// Any number of messages.
        case messages(ProtobufShape)
    }

    /// One field.
    public struct Field: Sendable, Hashable {
        /// Its number in the message.
        public let number: UInt64
        /// Its name in JSON; letters and digits.
        public let name: String
        /// What it holds.
        public let content: Content

        /// Creates a field.
        public init(_ number: UInt64, _ name: String, _ content: Content = .text) {
            self.number = number
            self.name = name
            self.content = content
        }
    }

    let fields: [Field]

    /// Creates the shape of a message inside an object.
    public init(_ fields: [Field]) { self.fields = fields }

    /// The shape of an object, whose ``ObjectHeader`` is always read.
    ///
    /// - Parameters:
    ///   - metadata: further fields of the metadata (`meta/v1`, `ObjectMeta`).
    ///   - fields: fields beside the metadata, which is the first of every object.
    /// - Returns: the shape.
    public static func object(metadata: [Field] = [], _ fields: [Field]) -> ProtobufShape {
        ProtobufShape([Field(1, "metadata", .message(ProtobufShape(header + metadata)))] + fields)
    }

    func field(_ number: UInt64) -> Field? { fields.first { $0.number == number } }

    private static let header = [
        Field(1, "name"), Field(3, "namespace"), Field(5, "uid"), Field(6, "resourceVersion"),
    ]

    /// A bookmark: its annotations say where the first state ends.
    static let bookmark = object(metadata: [Field(12, "annotations", .texts)], [])

    /// A failure (`meta/v1`, `Status`).
    static let status = ProtobufShape([
        Field(1, "metadata", .message(ProtobufShape([Field(3, "continue")]))), Field(2, "status"), Field(3, "message"),
        Field(4, "reason"),
        Field(
            5,
            "details",
            .message(
                ProtobufShape([
                    Field(1, "name"), Field(2, "group"), Field(3, "kind"),
                    Field(
                        4,
                        "causes",
                        .messages(ProtobufShape([Field(1, "reason"), Field(2, "message"), Field(3, "field")]))
                    ),
                    Field(5, "retryAfterSeconds", .integer), Field(6, "uid"),
                ])
            )
        ),
        Field(6, "code", .integer),
    ])
}
