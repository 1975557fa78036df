/** Which addresses are of the public internet. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPrivateAddress } from '../../src/private-address.ts';

const privates: readonly [string, readonly string[]][] = [
  ['loopback', ['127.0.0.1', '127.255.255.254', '::1']],
  ['unspecified', ['0.0.0.0', '0.1.2.3', '::']],
  ['private', ['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.1.1']],
  ['link-local', ['169.254.169.254', 'fe80::1', 'fe80::1%eth0', 'febf::1']],
  ['unique-local', ['fc00::1', 'fd00:ec2::254', 'fdff::1']],
  ['shared by a carrier', ['100.64.0.1', '100.127.255.255']],
  ['multicast', ['224.0.0.1', '239.255.255.255', 'ff02::1']],
  ['broadcast or reserved', ['255.255.255.255', '240.0.0.1']],
  ['for documentation', ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1']],
  ['for benchmarks or protocols', ['198.18.0.1', '198.19.255.255', '192.0.0.8', '2001:2::1']],
  ['IPv4 inside IPv6', ['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:7f00:1', '::127.0.0.1']],
  ['translated or tunnelled', ['64:ff9b::7f00:1', '64:ff9b:1::1', '2002:7f00:1::', '2001:0::1']],
  ['site-local', ['fec0::1']],
  ['no address', ['', 'localhost', '127.1', '0x7f000001', '2130706433', '[::1]', '8.8.8.8:80']],
];

for (const [what, addresses] of privates) {
  test(`an address that is ${what} counts as private`, () => {
    assert.deepEqual(
      addresses.filter((address) => !isPrivateAddress(address)),
      [],
    );
  });
}

test('a public address does not count as private', () => {
  const publics = [
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.1',
    '169.253.255.255',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '192.169.0.0',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001::1',
  ];
  assert.deepEqual(publics.filter(isPrivateAddress), []);
});
