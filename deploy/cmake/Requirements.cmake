# Versions Daicho is built and tested with (Debian 12 has them). An older library fails here, with what to do, and not in
# the middle of a build.
function(daicho_require module least)
  pkg_check_modules(REQUIRED_${module} QUIET "${module}>=${least}")
  if(NOT REQUIRED_${module}_FOUND)
    message(FATAL_ERROR "${module} ${least} or newer is needed. On Debian 12, as root: "
                        "deploy/install-packages deploy/packages/build.txt")
  endif()
endfunction()

daicho_require(grpc++ 1.51)
daicho_require(protobuf 3.21)
daicho_require(openssl 3.0)
daicho_require(spdlog 1.10)
daicho_require(sqlite3 3.40)
daicho_require(libpq 15)
daicho_require(tomlplusplus 3.3)
daicho_require(CLI11 2.1)
daicho_require(libzstd 1.5)
daicho_require(liblzma 5.4)
daicho_require(zlib 1.2.11)
