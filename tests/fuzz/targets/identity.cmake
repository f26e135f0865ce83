# The one source and not its library: that brings all of gRPC.
daicho_fuzz(identity SOURCES ${CMAKE_CURRENT_LIST_DIR}/../identity_fuzz.cc ${PROJECT_SOURCE_DIR}/collector/enrol/identity.cc
            DEPS daicho_common)
