if(TARGET daicho_collector_lib)
  daicho_fuzz(manifest SOURCES ${CMAKE_CURRENT_LIST_DIR}/../manifest_fuzz.cc DEPS daicho_collector_lib)
endif()
