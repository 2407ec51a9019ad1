#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# What applications talk to in the guest, which has no network: an echo on TCP port 5432, and names, all 192.0.2.7.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

my $echo = IO::Socket::INET->new(LocalAddr => '127.0.0.1:5432', Listen => 5, ReuseAddr => 1) or die "echo: $!";
my $names = IO::Socket::INET->new(LocalAddr => '127.0.0.1:53', Proto => 'udp') or die "names: $!";
my $all = IO::Select->new($echo, $names);
print "ready\n";
STDOUT->flush();
while (my @ready = $all->can_read()) {
    for my $socket (@ready) {
        if ($socket == $echo) {
            $all->add($echo->accept());
        } elsif ($socket == $names) {
            my $client = $names->recv(my $query, 512) or next;
            # The question ends behind the empty label, its type and its class.
            my $end = index($query, "\0", 12) + 5;
            my $type = unpack('n', substr($query, $end - 4, 2));
            my $question = substr($query, 12, $end - 12);
            my $answer = $type == 1 ? pack('nnnNnC4', 0xc00c, 1, 1, 60, 4, 192, 0, 2, 7) : '';
            $names->send(substr($query, 0, 2) . pack('n5', 0x8180, 1, length($answer) ? 1 : 0, 0, 0) . $question . $answer, 0, $client);
        } elsif (sysread($socket, my $octets, 4096)) {
            syswrite($socket, $octets);
        } else {
            $all->remove($socket);
            close $socket;
        }
    }
}
