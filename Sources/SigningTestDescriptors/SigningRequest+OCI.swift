public import OCIModel
public import SigningTestKit

extension SigningRequest {
    /// A request to sign `subject`.
    public init(_ subject: Descriptor, annotations: [String: String] = [:]) {
        self.init(TestDescriptor(subject), annotations: annotations)
    }

    /// The payload for a subject.
    public static func payload(_ subject: Descriptor, annotations: [String: String] = [:]) -> [UInt8] {
        Self.payload(TestDescriptor(subject), annotations: annotations)
    }
}
