/*
 * Requests signed by an independent signer, @smithy/signature-v4 5.7.5 from npm. Headers are "Name:value\n" as sent,
 * the Authorization left out; `is_post` marks those that have the shape of the gateway's own calls.
 */
#ifndef KGW_TESTS_AUTH_SIGV4_VECTORS_H
#define KGW_TESTS_AUTH_SIGV4_VECTORS_H

#include <stdbool.h>

static const struct sigv4_vector {
    const char *what;
    bool is_post;
    const char *method, *path, *query, *headers, *body;
    const char *security_token, *access_key_id, *secret, *date, *region, *service, *authorization;
} vectors[] = {
    /* clang-format off */
    {"a plain PutRecord", true, "POST", "/", "",
     "Content-Type:application/x-amz-json-1.1\n"
     "Host:kinesis.us-east-1.amazonaws.com\n"
     "X-Amz-Target:Kinesis_20131202.PutRecord\n"
     "X-Amz-Date:20150830T123600Z\n",
     "{\"StreamName\":\"s\",\"PartitionKey\":\"pk\",\"Data\":\"aGVsbG8=\"}", "", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830T123600Z", "us-east-1", "kinesis",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/kinesis/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=b538351ff2614792a92c87c6c8c5f6609ce1d1282514b2643591a1fb07597a0e"},
    {"a session token", true, "POST", "/", "",
     "Content-Type:application/x-amz-json-1.1\n"
     "Host:kinesis.eu-west-1.amazonaws.com\n"
     "X-Amz-Target:Kinesis_20131202.PutRecords\n"
     "X-Amz-Date:20150830T123600Z\n"
     "X-Amz-Security-Token:AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==\n",
     "{\"Records\":[]}", "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830T123600Z", "eu-west-1", "kinesis",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/kinesis/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=df915f6b41dc4bc92b4281486eb2c1b0c0b892ca0619585c30677451cc50fa1e"},
    {"a port in the host", true, "POST", "/", "",
     "Content-Type:application/x-amz-json-1.1\n"
     "Host:127.0.0.1:4567\n"
     "X-Amz-Target:Kinesis_20131202.PutRecord\n"
     "X-Amz-Date:20240229T235959Z\n",
     "{}", "", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20240229T235959Z", "us-east-1", "kinesis",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20240229/us-east-1/kinesis/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=a46b56e4f1b963e8d564c7e3c9882e91746be6eee30d6e1c70567a78513ebeb7"},
    {"a port in an IPv6 host", true, "POST", "/", "",
     "Content-Type:application/x-amz-json-1.1\n"
     "Host:[::1]:4567\n"
     "X-Amz-Target:Kinesis_20131202.PutRecord\n"
     "X-Amz-Date:20240301T000000Z\n",
     "{}", "", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20240301T000000Z", "us-east-1", "kinesis",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20240301/us-east-1/kinesis/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=2ee2259c44b18422c6c6b67a90b41c037726269b66ca2bd31679dbc32e528f45"},
    {"a region of China", true, "POST", "/", "",
     "Content-Type:application/x-amz-json-1.1\n"
     "Host:kinesis.cn-northwest-1.amazonaws.com.cn\n"
     "X-Amz-Target:Kinesis_20131202.PutRecord\n"
     "X-Amz-Date:20150830T123600Z\n",
     "{}", "", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830T123600Z", "cn-northwest-1", "kinesis",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/cn-northwest-1/kinesis/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=28839db189f329df7c2346f5e0c9b230ecf74bcd04b33aa42d21890875b808a5"},
    {"a region of GovCloud, FIPS", true, "POST", "/", "",
     "Content-Type:application/x-amz-json-1.1\n"
     "Host:kinesis-fips.us-gov-east-1.api.aws\n"
     "X-Amz-Target:Kinesis_20131202.PutRecords\n"
     "X-Amz-Date:20150830T123600Z\n",
     "{\"StreamName\":\"s\"}", "", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830T123600Z", "us-gov-east-1", "kinesis",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-gov-east-1/kinesis/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=341a3b8b331902d14a2e13152630f3402f524481e0d713b9a4e0a4af664b523a"},
    {"an odd region, service and key", true, "POST", "/", "",
     "Content-Type:application/x-amz-json-1.1\n"
     "Host:h\n"
     "X-Amz-Target:Kinesis_20131202.PutRecord\n"
     "X-Amz-Date:20150830T123600Z\n",
     " ", "", "k3Jd0aQzT5wYb2Rn", "-_0", "20150830T123600Z", "local", "x",
     "AWS4-HMAC-SHA256 Credential=k3Jd0aQzT5wYb2Rn/20150830/local/x/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=29dd6d1201ed71567acea7c35c4498d5670642fabec5e623728e63cbefffe071"},
    {"an empty body", true, "POST", "/", "",
     "Content-Type:application/x-amz-json-1.1\n"
     "Host:kinesis.us-east-1.amazonaws.com\n"
     "X-Amz-Target:Kinesis_20131202.PutRecord\n"
     "X-Amz-Date:20150830T123600Z\n",
     "", "", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830T123600Z", "us-east-1", "kinesis",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/kinesis/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=c9997d6f39a1cf6ab820eb81137841eadee24cc244dbf9aa9074390bd0107d5f"},
    {"UTF-8 in the body", true, "POST", "/", "",
     "Content-Type:application/x-amz-json-1.1\n"
     "Host:kinesis.us-east-1.amazonaws.com\n"
     "X-Amz-Target:Kinesis_20131202.PutRecord\n"
     "X-Amz-Date:20150830T123600Z\n",
     "{\"PartitionKey\":\"Z\303\274rich \346\235\261\344\272\254 \360\237\230\200\"}", "", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830T123600Z", "us-east-1", "kinesis",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/kinesis/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=8fd0952860d248c3b6d9fdec9a78ee9d1bcc0c5b936b97e835e28d65456f1c8d"},
    {"a declared hash and a client's own headers", false, "POST", "/", "",
     "Content-Type:application/x-amz-json-1.1\n"
     "Host:localhost:8080\n"
     "X-Amz-Target:Kinesis_20131202.PutRecord\n"
     "X-Amz-User-Agent:aws-sdk-js/3.972.0\n"
     "Amz-Sdk-Invocation-Id:0b6d1b9e-2a4e-4f1c-9c51-8f7d3a0e6b21\n"
     "Amz-Sdk-Request:attempt=1; max=3\n"
     "X-Amz-Date:20150830T123600Z\n"
     "X-Amz-Content-Sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\n",
     "{}", "", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830T123600Z", "us-east-1", "kinesis",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/kinesis/aws4_request, SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-type;host;x-amz-content-sha256;x-amz-date;x-amz-target;x-amz-user-agent, Signature=353bb77122ed71dd290fb22cdbcdf8f59616cb3d7bbd310b993ffc2423fbbfa2"},
    {"white space in values", false, "POST", "/", "",
     "Content-Type:application/x-amz-json-1.1\n"
     "Host:localhost\n"
     "X-Amz-Target:Kinesis_20131202.PutRecord\n"
     "X-Spaces:  a   b \t c  \n"
     "X-Empty:\n"
     "X-Quoted:\"a  b\"\n"
     "X-Amz-Date:20150830T123600Z\n",
     "{}", "", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830T123600Z", "us-east-1", "kinesis",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/kinesis/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-empty;x-quoted;x-spaces, Signature=4dd8bae36129f4594c42478d0d3fb95ef494b56b78710593765cfebfa16b40e3"},
    {"a header that comes three times", false, "POST", "/", "",
     "Content-Type:application/x-amz-json-1.1\n"
     "Host:localhost\n"
     "X-Amz-Target:Kinesis_20131202.PutRecord\n"
     "X-Many:b\n"
     "x-many:a  a\n"
     "X-MANY:b\n"
     "X-Amz-Date:20150830T123600Z\n",
     "{}", "", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830T123600Z", "us-east-1", "kinesis",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/kinesis/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target;x-many, Signature=9e42386348f496bc04791fff24df249d0b3ae4f5fea3c7308abd016b6ff2444a"},
    {"names that sort by byte", false, "POST", "/", "",
     "Content-Type:application/x-amz-json-1.1\n"
     "Host:localhost\n"
     "X-Amz-Target:Kinesis_20131202.PutRecord\n"
     "x-amz-a_:1\n"
     "X-Amz-a-b:2\n"
     "x-amz-a:3\n"
     "X-Amz-a0:4\n"
     "x-amz-a.b:5\n"
     "X-Amz-Date:20150830T123600Z\n",
     "{}", "", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830T123600Z", "us-east-1", "kinesis",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/kinesis/aws4_request, SignedHeaders=content-type;host;x-amz-a;x-amz-a-b;x-amz-a.b;x-amz-a0;x-amz-a_;x-amz-date;x-amz-target, Signature=422d01b23a4fc6024d7d81d7b15b364e028cf05b4905557d0f431561dad48d66"},
    {"a path sent encoded is encoded again", false, "PUT", "/a%20b/%E6%9D%B1/./x//y/../z*'()/", "",
     "Host:localhost\n"
     "X-Amz-Date:20150830T123600Z\n",
     "x", "", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830T123600Z", "us-east-1", "kinesis",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=16fc6bc9a50eb4d72e9da7e8d81c96fa224bf9bac50f923cc6c1eefdcc8460cc"},
    {"a query of many kinds", false, "GET", "/", "b=2%203&a=z&a=Y&a=&%D0%BA%D0%BB%D1%8E%D1%87=%D0%B7%D0%BD%D0%B0%D1%87%D0%B5%D0%BD%D0%B8%D0%B5&p%2Bq=1%2B1%3D2%263&-=~&A=%2A%27%28%29%21",
     "Host:localhost\n"
     "X-Amz-Date:20150830T123600Z\n",
     "", "", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830T123600Z", "us-east-1", "kinesis",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=f2adb45c2be1989e094afaa58be452f5b989a3ff9b7e14a6fb55e6a0dd229f6f"},
    /* clang-format on */
};

#define VECTORS_LEN (sizeof(vectors) / sizeof(vectors[0]))

#endif
