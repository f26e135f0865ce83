daicho_fuzz(certificate SOURCES ${CMAKE_CURRENT_LIST_DIR}/../certificate_fuzz.cc DEPS daicho_common)
