/// The token service and the agent of EKS Pod Identity.
///
/// Sources: docs.aws.amazon.com, AWS Security Token Service API Reference, "AssumeRoleWithWebIdentity" (request, answer,
/// errors) and "Common Errors"; Amazon EKS User Guide, "Understand how EKS Pod Identity works" and "Assign IAM roles to
/// Kubernetes service accounts"; AWS SDKs and Tools Reference Guide, "Container credential provider". The claims of tokens
/// are compared, their signature is not.
extension EmbeddedAmazon.State {
    mutating func assumeRole(_ request: CloudRequest) -> CloudAnswer {
        guard request.method == "POST", request.target == "/",
            request.headers["content-type"] == "application/x-www-form-urlencoded", hasOnly(["content-type"], request),
            let form = FormFields.read(String(decoding: request.body, as: UTF8.self)),
            Set(form.keys) == ["Action", "Version", "RoleArn", "RoleSessionName", "WebIdentityToken"],
            form["Action"] == "AssumeRoleWithWebIdentity", form["Version"] == "2011-06-15"
        else { return refusal(400, "ValidationError", "The request is not the documentation's.") }
        guard let claims = TokenClaims(form["WebIdentityToken"] ?? ""), claims.issuer == settings.issuer else {
            return refusal(400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account")
        }
        guard claims.audience == "sts.amazonaws.com" else {
            return refusal(400, "InvalidIdentityToken", "Incorrect token audience")
        }
        guard let expires = claims.expires, expires > seconds else {
            return refusal(
                400,
                "ExpiredTokenException",
                "Token expired: current date/time must be before the expiration"
            )
        }
        guard form["RoleArn"] == settings.role, claims.subject == settings.subject else {
            return refusal(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
        }
        let id = issueKeys()
        let session = form["RoleSessionName"] ?? ""
        return CloudAnswer(
            200,
            xml: """
                <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
                  <AssumeRoleWithWebIdentityResult>
                    <SubjectFromWebIdentityToken>\(settings.subject)</SubjectFromWebIdentityToken>
                    <Audience>sts.amazonaws.com</Audience>
                    <AssumedRoleUser>
                      <Arn>arn:aws:sts::\(settings.account):assumed-role/vigil/\(session)</Arn>
                      <AssumedRoleId>AROACLKWSDQRAOEXAMPLE:\(session)</AssumedRoleId>
                    </AssumedRoleUser>
                    <Credentials>
                      <SessionToken>\(keys[id]?.session ?? "")</SessionToken>
                      <SecretAccessKey>\(keys[id]?.secret ?? "")</SecretAccessKey>
                      <Expiration>\(MomentText.extended(keys[id]?.expires ?? 0))</Expiration>
                      <AccessKeyId>\(id)</AccessKeyId>
                    </Credentials>
                    <Provider>\(settings.issuer.dropFirst("https://".count))</Provider>
                  </AssumeRoleWithWebIdentityResult>
                  <ResponseMetadata><RequestId>ad4156e9-bce1-11e2-82e6-6b6efEXAMPLE</RequestId></ResponseMetadata>
                </AssumeRoleWithWebIdentityResponse>
                """
        )
    }

    private func refusal(_ status: Int, _ code: String, _ text: String) -> CloudAnswer {
        CloudAnswer(
            status,
            xml: """
                <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
                  <Error><Type>Sender</Type><Code>\(code)</Code><Message>\(text)</Message></Error>
                  <RequestId>4c8ab2a3-5c0f-11e2-9e2c-6b6efEXAMPLE</RequestId>
                </ErrorResponse>
                """
        )
    }

    // MARK: The agent

    mutating func associate(_ request: CloudRequest) -> CloudAnswer {
        guard request.method == "GET", request.target == "/v1/credentials", request.body.isEmpty,
            hasOnly(["authorization", "accept"], request)
        else { return CloudAnswer(400, json: #"{"code":"InvalidRequest","message":"not the documentation's"}"#) }
        guard let claims = TokenClaims(request.headers["authorization"] ?? ""), claims.issuer == settings.issuer,
            claims.audience == "pods.eks.amazonaws.com", claims.subject == settings.subject, settings.isAssociated,
            (claims.expires ?? 0) > seconds
        else { return CloudAnswer(400, json: #"{"code":"AccessDeniedException","message":"Unauthorized Exception"}"#) }
        let id = issueKeys()
        return CloudAnswer(
            200,
            json: """
                {"AccessKeyId":"\(id)","SecretAccessKey":"\(keys[id]?.secret ?? "")","Token":"\(keys[id]?.session ?? "")",\
                "AccountId":"\(settings.account)","Expiration":"\(MomentText.extended(keys[id]?.expires ?? 0))"}
                """
        )
    }
}
